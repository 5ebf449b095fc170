import { Download, WrapText } from 'lucide-react';
import { Fragment, memo, useEffect, useState } from 'react';
import { CopyButton, IconButton } from '../design/button.tsx';
import { downloadText } from '../design/download-text.ts';
import type { CodeRun, HighlightReply, HighlightRequest } from './highlight.worker.ts';

interface CodeBlockProps {
  code: string;
  language: string;
  /** Whether the last line has arrived. Only complete code is highlighted. */
  isFinished: boolean;
  /** A word about the code, beside its language. */
  note?: string | undefined;
}

export const CodeBlock = memo(function CodeBlock({ code, language, isFinished, note }: CodeBlockProps) {
  const [isWrapped, setWrapped] = useState(false);
  return (
    <figure className="code-block" data-wraps={isWrapped || undefined}>
      <figcaption>
        <span>
          {language || 'text'}
          {code.length > CODE_CHARACTERS_MAX && ' · too long for colors'}
          {note && ` · ${note}`}
        </span>
        <span className="flex items-center gap-1">
          <IconButton label="Wrap lines" aria-pressed={isWrapped} onClick={() => setWrapped(!isWrapped)}>
            <WrapText aria-hidden size={16} />
          </IconButton>
          <IconButton label="Download code" onClick={() => downloadText(`code.${language || 'txt'}`, code)}>
            <Download aria-hidden size={16} />
          </IconButton>
          <CopyButton text={() => code} label="Copy code" isLabelShown />
        </span>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, keys could not scroll it. */}
      <pre tabIndex={0}>
        <HighlightedCode code={code} language={language} isFinished={isFinished} />
      </pre>
    </figure>
  );
});

/** Code in the colors of its language, once a worker has found them. */
export function HighlightedCode({
  code,
  language,
  isFinished = true,
}: Partial<CodeBlockProps> & Pick<CodeBlockProps, 'code' | 'language'>) {
  const runs = useHighlight(code, language, isFinished);
  return <code>{runs ? <Runs runs={runs} /> : code}</code>;
}

function Runs({ runs }: { runs: readonly CodeRun[] }) {
  return runs.map(([className, text], index) =>
    className ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the runs of complete code never change.
      <span key={index} className={className}>
        {text}
      </span>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the runs of complete code never change.
      <Fragment key={index}>{text}</Fragment>
    ),
  );
}

function useHighlight(code: string, language: string, isFinished: boolean): readonly CodeRun[] | null {
  const [highlighted, setHighlighted] = useState<{ code: string; runs: readonly CodeRun[] | null }>();
  useEffect(() => {
    if (!isFinished || !language) return;
    let isCurrent = true;
    void highlight(code, language).then((runs) => {
      if (isCurrent) setHighlighted({ code, runs });
    });
    return () => {
      isCurrent = false;
    };
  }, [code, language, isFinished]);
  if (highlighted?.code === code) return highlighted.runs;
  return isFinished ? cachedHighlight(code, language) : null;
}

/** Longer code is not highlighted, because that takes too long. */
const CODE_CHARACTERS_MAX = 20_000;
const CACHED_BLOCKS_MAX = 300;

type Runs = CodeRun[] | null;

/** The most recently highlighted code, the latest last. */
const cache = new Map<string, { runs: Runs }>();
/** The pending requests to the worker by id. */
const pending = new Map<number, (runs: Runs) => void>();
let worker: Worker | undefined;
let lastId = 0;

/** Highlights code in a worker, which the first call starts. Resolves with null if the code is not highlighted. */
async function highlight(code: string, language: string): Promise<Runs> {
  if (code.length > CODE_CHARACTERS_MAX) return null;
  const key = `${language}\n${code}`;
  const cached = cache.get(key);
  if (cached) return cached.runs;
  const runs = await highlightInWorker(code, language);
  cache.set(key, { runs });
  const [oldest] = cache.keys();
  if (cache.size > CACHED_BLOCKS_MAX && oldest !== undefined) cache.delete(oldest);
  return runs;
}

/** The cached result, so that code that renders again does not flicker. */
function cachedHighlight(code: string, language: string): Runs {
  return cache.get(`${language}\n${code}`)?.runs ?? null;
}

function highlightInWorker(code: string, language: string): Promise<Runs> {
  worker ??= startWorker();
  const request: HighlightRequest = { id: ++lastId, code, language };
  const { promise, resolve } = Promise.withResolvers<Runs>();
  pending.set(request.id, resolve);
  worker.postMessage(request);
  return promise;
}

function startWorker(): Worker {
  const started = new Worker(new URL('./highlight.worker.ts', import.meta.url), { type: 'module' });
  started.addEventListener('message', ({ data }: MessageEvent<HighlightReply>) => {
    pending.get(data.id)?.(data.runs);
    pending.delete(data.id);
  });
  // If the worker cannot start, code is not highlighted.
  started.addEventListener('error', () => {
    for (const resolve of pending.values()) resolve(null);
    pending.clear();
  });
  return started;
}
