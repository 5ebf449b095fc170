import { clsx } from 'clsx';
import { useMemo, useRef } from 'react';
import { splitBlocks } from '../../markdown/block-splitter.ts';
import { lessonFence } from '../../markdown/lesson-fence.tsx';
import { type MarkdownRules, MarkdownRulesContext } from '../../markdown/link-policy.ts';
import { BlockElement } from '../../markdown/markdown.tsx';
import { Breadcrumbs, breadcrumbsOf } from './breadcrumbs.tsx';
import { resolveDocumentImage, resolveDocumentLink } from './document-links.ts';
import { DocumentHeader, DocumentNeighbors, useDocumentPlace } from './document-navigation.tsx';
import { createOutline, type OutlineEntry } from './outline.ts';
import { useHash } from './use-hash.ts';
import { useHashTarget } from './use-hash-target.ts';

interface DocumentArticleProps {
  path: string;
  content: string;
}

export function DocumentArticle({ path, content }: DocumentArticleProps) {
  const article = useRef<HTMLElement>(null);
  const blocks = useMemo(() => splitBlocks(content), [content]);
  const outline = useMemo(() => createOutline(blocks), [blocks]);
  const rules = useMemo<MarkdownRules>(
    () => ({
      link: (href) => resolveDocumentLink(href, path, location.origin),
      image: (href) => resolveDocumentImage(href, path),
      headingId: outline.idOf,
      fence: lessonFence,
    }),
    [path, outline],
  );
  const place = useDocumentPlace(path);
  useHashTarget(article);
  return (
    <div className="mx-auto flex max-w-[64rem] justify-center gap-12 px-4 py-10 sm:px-8">
      <div className="w-full max-w-180 min-w-0">
        {place ? (
          <DocumentHeader place={place} />
        ) : (
          <div className="mb-4">
            <Breadcrumbs entries={breadcrumbsOf(path)} />
          </div>
        )}
        <article ref={article} className="prose">
          <MarkdownRulesContext value={rules}>
            {blocks.map(({ key, token }) => (
              <BlockElement key={key} token={token} isFinished />
            ))}
          </MarkdownRulesContext>
        </article>
        {place && <DocumentNeighbors place={place} />}
      </div>
      <TableOfContents entries={outline.entries} />
    </div>
  );
}

const DEPTHS = [2, 3];

function TableOfContents({ entries }: { entries: readonly OutlineEntry[] }) {
  const hash = useHash();
  const shown = entries.filter(({ depth }) => DEPTHS.includes(depth));
  // The space stays, so that every document begins at the same place.
  if (shown.length < 2) return <div aria-hidden="true" className="w-56 shrink-0 max-xl:hidden" />;
  return (
    <nav
      aria-label="On this page"
      className="sticky top-10 max-h-[calc(100dvh-8rem)] w-56 shrink-0 self-start overflow-y-auto max-xl:hidden"
    >
      <h2 className="pb-2 text-sm font-semibold">On this page</h2>
      <ul className="border-l border-border text-sm">
        {shown.map(({ id, text, depth }) => (
          <li key={id}>
            <a
              href={`#${encodeURIComponent(id)}`}
              aria-current={id === hash ? 'location' : undefined}
              className={clsx(
                '-ml-px block border-l-2 py-1 transition focus-visible:-outline-offset-2',
                depth === 3 ? 'pl-7' : 'pl-4',
                id === hash ? 'border-accent text-accent' : 'border-transparent text-text-2 hover:text-text',
              )}
            >
              {text}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
