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
  /** The prose to search, as plain text without the heading, code blocks and example questions. */
  readonly text: string;
  /** The bold words of the prose. They name the subjects of its paragraphs and list items. */
  readonly terms: string;
  /** The content as Markdown that can be quoted on any page. Its links lead to the web UI. */
  readonly markdown: string;
  /** The share of link text, 0 to 1; close to 1 for a list of sources. */
  readonly linkShare: number;
}

/** A paragraph of fields about a page, such as `Status: accepted`. It says nothing about the page's subject. */
const METADATA_LINE = /^(?:status|date|author|deciders|supersedes|superseded by): .*$/i;
/** A question in quotation marks is an example of a prompt. A search for it would find the example, not the answer. */
const EXAMPLE_QUESTION = /["“][^"“”\n]{3,200}\?["”]/g;

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
    const markdown = portableMarkdown(body, page.path);
    if (heading || markdown) {
      const title = heading ? plainText(heading.tokens) : '';
      const text = searchableText(body);
      const common = { path: page.path, pageTitle: page.title, level: heading?.depth ?? 0, linkShare: linkShare(body, text) };
      sections.push({ ...common, heading: title, anchor, text, terms: boldWords(body), markdown });
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
      if (!isMetadata(token)) body.push(token);
    }
  }
  close();
  return sections;
}

function isMetadata(token: Token): boolean {
  return (
    token.type === 'paragraph' &&
    token.raw
      .trim()
      .split('\n')
      .every((line) => METADATA_LINE.test(line))
  );
}

function searchableText(body: readonly Token[]): string {
  return plainText(withoutCode(body)).replace(EXAMPLE_QUESTION, '').trim();
}

function boldWords(body: Token[]): string {
  const words: string[] = [];
  walkTokens(body, (token) => {
    if (token.type === 'strong') words.push(plainText((token as Tokens.Strong).tokens));
  });
  return words.join('\n');
}

function withoutCode(tokens: readonly Token[]): Token[] {
  return tokens
    .filter(({ type }) => type !== 'code')
    .map((token) => {
      if (token.type === 'list') return { ...token, items: withoutCode((token as Tokens.List).items) } as Token;
      const isContainer = token.type === 'list_item' || token.type === 'blockquote';
      return isContainer ? ({ ...token, tokens: withoutCode(token.tokens ?? []) } as Token) : token;
    });
}

function linkShare(body: Token[], text: string): number {
  let characters = 0;
  walkTokens(body, (token) => {
    if (token.type === 'link') characters += plainText((token as Tokens.Link).tokens).length;
  });
  return text.length === 0 ? 0 : Math.min(1, characters / text.length);
}
