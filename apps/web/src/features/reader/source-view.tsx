import { readerPath, type SourceFile, type SourceFolder } from '@prodigon/contracts';
import { FileCode, Folder } from 'lucide-react';
import { type RefObject, useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { CopyButton } from '../../design/button.tsx';
import { hasScrollPosition } from '../../design/use-scroll-restoration.ts';
import { HighlightedCode } from '../../markdown/code-block.tsx';
import { Breadcrumbs, breadcrumbsOf } from './breadcrumbs.tsx';
import { languageOfFile, lineRangeOf } from './source-lines.ts';
import { useHash } from './use-hash.ts';

/** Shows a file of the repository's code with line numbers, or the contents of a folder. */
export function SourceView({ source }: { source: SourceFile | SourceFolder }) {
  return (
    <div className="mx-auto w-full max-w-[64rem] px-4 py-10 sm:px-8">
      <div className="mb-4">
        <Breadcrumbs entries={breadcrumbsOf(source.path)} />
      </div>
      {'entries' in source ? <FolderEntries folder={source} /> : <FileLines key={source.path} file={source} />}
    </div>
  );
}

const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

function FolderEntries({ folder: { path, entries } }: { folder: SourceFolder }) {
  return (
    <article>
      <h1 className="pb-4 text-2xl font-semibold tracking-tight">{nameOf(path)}</h1>
      {entries.length === 0 && <p className="text-text-2">This folder contains no readable files.</p>}
      <ul className="overflow-hidden rounded-md border border-border empty:hidden">
        {entries.map((entry) => (
          <li key={entry.path} className="border-border not-last:border-b">
            <Link
              href={readerPath(entry.path)}
              className="target flex items-center gap-3 px-4 py-2 font-mono text-sm hover:bg-surface focus-visible:-outline-offset-2"
            >
              {entry.kind === 'folder' ? (
                <Folder aria-label="Folder" size={16} className="shrink-0 text-text-3" />
              ) : (
                <FileCode aria-label="File" size={16} className="shrink-0 text-text-3" />
              )}
              {nameOf(entry.path)}
            </Link>
          </li>
        ))}
      </ul>
    </article>
  );
}

function FileLines({ file: { path, content } }: { file: SourceFile }) {
  const article = useRef<HTMLElement>(null);
  const code = content.replace(/\n$/, '');
  const lines = code.split('\n').length;
  const range = lineRangeOf(useHash(), lines);
  useScrollToLine(article, range?.first);
  return (
    <article ref={article}>
      <div className="flex items-center justify-between gap-4 pb-4">
        <h1 className="min-w-0 text-2xl font-semibold tracking-tight break-words">{nameOf(path)}</h1>
        <CopyButton text={() => content} label="Copy file" isLabelShown />
      </div>
      <div className="prose source-lines">
        <ol aria-label="Lines">
          {Array.from({ length: lines }, (_, index) => index + 1).map((line) => (
            <li key={line}>
              <a
                id={`L${line}`}
                href={`#L${line}`}
                aria-current={range && line >= range.first && line <= range.last ? 'location' : undefined}
              >
                {line}
              </a>
            </li>
          ))}
        </ol>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, keys could not scroll it. */}
        <pre tabIndex={0}>
          <HighlightedCode code={code} language={languageOfFile(path)} />
        </pre>
      </div>
    </article>
  );
}

/** Scrolls to the line that the fragment names and moves the focus there. */
function useScrollToLine(article: RefObject<HTMLElement | null>, line: number | undefined): void {
  useEffect(() => {
    if (line === undefined || hasScrollPosition()) return;
    const target = article.current?.querySelector<HTMLElement>(`#L${line}`);
    target?.scrollIntoView({ block: 'center' });
    target?.focus({ preventScroll: true });
  }, [article, line]);
}
