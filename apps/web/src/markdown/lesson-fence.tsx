import type { Tokens } from 'marked';
import { type ReactNode, useId } from 'react';
import { lazyPart } from '../design/lazy-part.tsx';
import { splitBlocks } from './block-splitter.ts';
import { CodeBlock } from './code-block.tsx';
import { BlockElement } from './markdown.tsx';

/** Draws Mermaid source. It downloads when a page has a diagram. */
const Diagram = lazyPart(() => import('./diagrams/diagram.tsx'), {
  skeleton: ({ source }: { source: string }) => <CodeBlock code={source} language="mermaid" isFinished />,
  failure: 'skeleton',
});

/** Renders the fences that documents and lessons use besides code: diagrams and questions; undefined for code. */
export function lessonFence({ lang, text }: Tokens.Code): ReactNode | undefined {
  const kind = /^\w+/.exec(lang ?? '')?.[0];
  if (kind === 'mermaid') return <Diagram source={text} />;
  return kind === 'quiz' ? <Quiz text={text} /> : undefined;
}

/** A question, and below a line `---` its folded answer. */
function Quiz({ text }: { text: string }) {
  const id = useId();
  const [question = '', ...answer] = text.split(/^---[ \t]*$/m);
  return (
    <section aria-labelledby={id} className="quiz">
      <p id={id} className="quiz-title">
        Question
      </p>
      <Blocks text={question} />
      {answer.length > 0 && (
        <details>
          <summary className="disclosure">Show the answer</summary>
          <Blocks text={answer.join('---')} />
        </details>
      )}
    </section>
  );
}

function Blocks({ text }: { text: string }) {
  return splitBlocks(text.trim()).map(({ key, token }) => <BlockElement key={key} token={token} isFinished />);
}
