import { createHeadingSlugger, plainText } from '@prodigon/contracts/markdown';
import { lexer, type Token, type Tokens, walkTokens } from 'marked';
import { portableMarkdown } from './portable-markdown.ts';

/** A heading of a page with its content, up to the next heading of any level. */
export interface MarkdownSection {
  /** The path of the page, relative to the content root. */
  readonly path: string;
  readonly pageTitle: string;
  /** Plain text; empty for content before the first heading. */
  readonly heading: string;
  /** The id of the heading on the rendered page, as GitHub generates it; empty without a heading. */
  readonly anchor: string;
  /** 1 to 6, or 0 without a heading. */
  readonly level: number;
  /** Plain text without the heading. */
  readonly text: string;
  /** The content as Markdown that can be quoted on any page. Its links lead to the web UI. */
  readonly markdown: string;
  /** The share of link text, 0 to 1; close to 1 for a list of sources. */
  readonly linkShare: number;
}

/** Returns the text of the first heading of level 1, or null. */
export function titleOfMarkdown(markdown: string): string | null {
  const heading = lexer(markdown).find((token): token is Tokens.Heading => token.type === 'heading' && token.depth === 1);
  return heading ? plainText(heading.tokens) || null : null;
}

/** Returns the sections of a page in order. A `#` in a code block or comment is not a heading. */
export function markdownSections(page: { path: string; title: string; markdown: string }): MarkdownSection[] {
  const slug = createHeadingSlugger();
  const sections: MarkdownSection[] = [];
  let heading: Tokens.Heading | null = null;
  let anchor = '';
  let body: Token[] = [];

  const close = () => {
    const text = plainText(body);
    if (heading || text) {
      const title = heading ? plainText(heading.tokens) : '';
      const markdown = portableMarkdown(body, page.path);
      const common = { path: page.path, pageTitle: page.title, level: heading?.depth ?? 0, linkShare: linkShare(body, text) };
      sections.push({ ...common, heading: title, anchor, text, markdown });
    }
    body = [];
  };

  for (const token of lexer(page.markdown)) {
    if (token.type === 'heading') {
      close();
      heading = token as Tokens.Heading;
      anchor = slug(plainText(heading.tokens));
    } else {
      // A heading inside a quotation or list starts no section, but the renderer counts its id.
      walkTokens([token], (inner) => {
        if (inner.type === 'heading') slug(plainText((inner as Tokens.Heading).tokens));
      });
      body.push(token);
    }
  }
  close();
  return sections;
}

function linkShare(body: Token[], text: string): number {
  let characters = 0;
  walkTokens(body, (token) => {
    if (token.type === 'link') characters += plainText((token as Tokens.Link).tokens).length;
  });
  return text.length === 0 ? 0 : Math.min(1, characters / text.length);
}
