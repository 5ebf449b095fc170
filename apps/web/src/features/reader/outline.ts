import { createHeadingSlugger, plainText } from '@prodigon/contracts/markdown';
import type { Token, Tokens } from 'marked';
import type { Block } from '../../markdown/block-splitter.ts';

export interface OutlineEntry {
  id: string;
  text: string;
  depth: number;
}

export interface Outline {
  entries: readonly OutlineEntry[];
  idOf: (heading: Tokens.Heading) => string | undefined;
}

/** Lists the headings of a document with their anchors, including those inside lists and quotes. */
export function createOutline(blocks: readonly Block[]): Outline {
  const slug = createHeadingSlugger();
  const entries = new Map<Token, OutlineEntry>();
  const visit = (tokens: readonly Token[]) => {
    for (const token of tokens) {
      if (token.type === 'heading') {
        const text = plainText(token.tokens ?? []);
        entries.set(token, { id: slug(text), text, depth: token.depth });
      } else if (token.type === 'list') {
        for (const item of (token as Tokens.List).items) visit(item.tokens);
      } else if (token.type === 'blockquote') {
        visit(token.tokens ?? []);
      }
    }
  };
  visit(blocks.map(({ token }) => token));
  return { entries: [...entries.values()], idOf: (heading) => entries.get(heading)?.id };
}
