import { Fragment, memo, useEffect, useState } from 'react';
import { CopyButton } from '../design/copy-button.tsx';
import type { CodeRun } from './code-runs.ts';
import { highlight, highlightNow } from './highlighter.ts';

interface CodeBlockProps {
  code: string;
  language: string;
  /** Its last line has arrived: only then it is coloured, once. */
  finished: boolean;
}

export const CodeBlock = memo(function CodeBlock({ code, language, finished }: CodeBlockProps) {
  const runs = useHighlight(code, language, finished);
  return (
    <figure className="code-block">
      <figcaption>
        <span>{language || 'text'}</span>
        <CopyButton text={() => code} label="Copy code" />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: wide code scrolls sideways, by keyboard too. */}
      <pre tabIndex={0}>
        <code>{runs ? <Runs runs={runs} /> : code}</code>
      </pre>
    </figure>
  );
});

function Runs({ runs }: { runs: readonly CodeRun[] }) {
  return runs.map(([className, text], index) =>
    className ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the runs of a finished block never move.
      <span key={index} className={className}>
        {text}
      </span>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the runs of a finished block never move.
      <Fragment key={index}>{text}</Fragment>
    ),
  );
}

function useHighlight(code: string, language: string, finished: boolean): readonly CodeRun[] | null {
  const [coloured, setColoured] = useState<{ code: string; runs: readonly CodeRun[] | null }>();
  useEffect(() => {
    if (!finished || !language) return;
    let current = true;
    void highlight(code, language).then((runs) => {
      if (current) setColoured({ code, runs });
    });
    return () => {
      current = false;
    };
  }, [code, language, finished]);
  if (coloured?.code === code) return coloured.runs;
  return finished ? highlightNow(code, language) : null;
}
