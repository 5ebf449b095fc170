import { useMemo, useRef } from 'react';
import { BlockElement } from '../../markdown/block-element.tsx';
import { splitBlocks } from '../../markdown/block-splitter.ts';
import { type MarkdownRules, MarkdownRulesContext } from '../../markdown/markdown-rules.ts';
import { resolveDocumentImage, resolveDocumentLink } from './document-links.ts';
import { outlineOf } from './outline.ts';
import { TableOfContents } from './table-of-contents.tsx';
import { useHashTarget } from './use-hash-target.ts';

interface DocumentArticleProps {
  path: string;
  content: string;
}

export function DocumentArticle({ path, content }: DocumentArticleProps) {
  const article = useRef<HTMLElement>(null);
  const blocks = useMemo(() => splitBlocks(content), [content]);
  const outline = useMemo(() => outlineOf(blocks), [blocks]);
  const rules = useMemo<MarkdownRules>(
    () => ({
      link: (href) => resolveDocumentLink(href, path, location.origin),
      image: (href) => resolveDocumentImage(href, path),
      headingId: outline.idOf,
    }),
    [path, outline],
  );
  useHashTarget(article);
  return (
    <div className="mx-auto flex max-w-[64rem] justify-center gap-12 px-4 py-10 sm:px-8">
      <article ref={article} className="prose w-full max-w-180 min-w-0">
        <MarkdownRulesContext value={rules}>
          {blocks.map(({ key, token }) => (
            <BlockElement key={key} token={token} finished />
          ))}
        </MarkdownRulesContext>
      </article>
      <TableOfContents entries={outline.entries} />
    </div>
  );
}
