/** A piece of Markdown that ends where a fenced code block begins or ends. */
export interface MarkdownBlock {
  readonly type: 'text' | 'code';
  /** Without the lines of the fence. */
  readonly text: string;
}

interface Fence {
  readonly indent: number;
  readonly mark: string;
  readonly info: string;
}

const LINE_BREAK = /\r\n|\n|\r/;

/** Returns the fence of a line (CommonMark, section 4.5), outside of lists and quotes. */
function fenceOf(line: string): Fence | undefined {
  const [, indent, mark, info] = /^( {0,3})(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
  return indent === undefined || mark === undefined || info === undefined
    ? undefined
    : { indent: indent.length, mark, info: info.trim() };
}

const opens = ({ mark, info }: Fence) => !(mark.startsWith('`') && info.includes('`'));
const closes = ({ mark, info }: Fence, open: Fence) => info === '' && mark.startsWith(open.mark);

/** Splits Markdown at its fenced code blocks. A block that is not closed ends with the text. */
export function splitCodeBlocks(markdown: string): MarkdownBlock[] {
  const blocks: MarkdownBlock[] = [];
  let open: Fence | undefined;
  let lines: string[] = [];
  const push = (type: MarkdownBlock['type']) => {
    if (type === 'code' || lines.length > 0) blocks.push({ type, text: lines.join('\n') });
    lines = [];
  };
  for (const line of markdown.split(LINE_BREAK)) {
    const fence = fenceOf(line);
    if (fence && open && closes(fence, open)) {
      push('code');
      open = undefined;
    } else if (fence && !open && opens(fence)) {
      push('text');
      open = fence;
    } else lines.push(line);
  }
  push(open ? 'code' : 'text');
  return blocks;
}

/** Blocks of raw HTML that an empty line does not end (CommonMark, section 4.6). */
const HTML_BLOCKS: readonly (readonly [start: RegExp, end: RegExp])[] = [
  [/<script(?=[\s>]|$)/i, /<\/script>/i],
  [/<pre(?=[\s>]|$)/i, /<\/pre>/i],
  [/<style(?=[\s>]|$)/i, /<\/style>/i],
  [/<textarea(?=[\s>]|$)/i, /<\/textarea>/i],
  [/<!--/, /-->/],
  [/<\?/, /\?>/],
  [/<!\[CDATA\[/, /\]\]>/],
  [/<![A-Za-z]/, />/],
];
const LIST_ITEM_WITH_FENCE = /^\s*(?:[-*+]|\d{1,9}[.)])\s.*(?:```|~~~)/;
const indentOf = (line: string) => line.length - line.trimStart().length;

/**
 * Returns whether Markdown certainly ends all of its blocks, so that it cannot change what follows it. False for some texts
 * that do, e.g. a list item that begins with a code block.
 */
export function isSelfContained(markdown: string): boolean {
  let open: Fence | undefined;
  let html: (typeof HTML_BLOCKS)[number] | undefined;
  for (const line of markdown.split(LINE_BREAK)) {
    const fence = fenceOf(line);
    if (open) {
      // A line with less indentation ends the list item of the fence, and the fence with it.
      if (line.trim() !== '' && indentOf(line) < open.indent) return false;
      if (fence && closes(fence, open)) open = undefined;
      continue;
    }
    html ??= HTML_BLOCKS.find(([start]) => start.test(line));
    if (html) {
      if (html[1].test(line)) html = undefined;
    } else if (fence && opens(fence)) open = fence;
    else if (LIST_ITEM_WITH_FENCE.test(line)) return false;
  }
  return !open && !html;
}
