import { decodeHTMLStrict } from 'entities/decode';
import GithubSlugger from 'github-slugger';

/** The fields of a `marked` token that hold text. */
export interface MarkdownToken {
  readonly type: string;
  readonly text?: string;
  readonly tokens?: readonly MarkdownToken[];
  readonly items?: readonly MarkdownToken[];
  readonly header?: readonly MarkdownCell[];
  readonly rows?: readonly (readonly MarkdownCell[])[];
}

interface MarkdownCell {
  readonly tokens: readonly MarkdownToken[];
}

/**
 * Returns the text that a reader sees, without markup: link texts without their addresses, code as written, no images
 * and no HTML. Inline tokens join directly, blocks by a line break.
 */
export function plainText(tokens: readonly MarkdownToken[]): string {
  return tokens.map(textOfToken).join('').trim();
}

function textOfToken({ type, text = '', tokens, items = [], header = [], rows = [] }: MarkdownToken): string {
  switch (type) {
    case 'space':
    case 'hr':
    case 'def':
    case 'html':
    case 'image':
      return '';
    case 'br':
      return '\n';
    case 'codespan':
      return text;
    case 'code':
      return `${text}\n`;
    case 'list':
      return items.map((item) => `${plainText(item.tokens ?? [])}\n`).join('');
    case 'table':
      return [header, ...rows].map((row) => `${row.map((cell) => plainText(cell.tokens)).join(' ')}\n`).join('');
    case 'paragraph':
    case 'heading':
    case 'blockquote':
      return `${plainText(tokens ?? [])}\n`;
    default:
      return tokens ? tokens.map(textOfToken).join('') : decodeEntities(text);
  }
}

/** Decodes HTML character references, e.g. `&rarr;` and `&#8594;`, as CommonMark does. Unknown names stay as written. */
export function decodeEntities(text: string): string {
  return text.includes('&') ? decodeHTMLStrict(text) : text;
}

/**
 * Creates a function that returns the anchor of each heading of one document, as GitHub generates it. Call it with the
 * plain text of every heading in document order, because repeated headings get `-1`, `-2` and so on.
 */
export function createHeadingSlugger(): (heading: string) => string {
  const slugger = new GithubSlugger();
  return (heading) => slugger.slug(heading);
}
