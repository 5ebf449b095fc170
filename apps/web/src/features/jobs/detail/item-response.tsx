import { Markdown } from '../../../markdown/markdown.tsx';
import { Reasoning } from '../../../markdown/reasoning.tsx';
import { splitThinkBlock } from '../../../markdown/think-block.ts';

/** The complete response to a prompt of a job. */
export default function ItemResponse({ text: output }: { text: string }) {
  const { reasoning, text } = splitThinkBlock(output);
  return (
    <>
      {reasoning && <Reasoning text={reasoning} />}
      <Markdown text={text} isComplete />
    </>
  );
}
