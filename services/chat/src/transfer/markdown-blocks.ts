/** A piece of Markdown that ends where a fenced code block begins or ends. */
export interface MarkdownBlock {
  readonly type: 'text' | 'code';
  /** The info string of a code block. */
  readonly info: string;
  /** Without the lines of the fence. */
  readonly text: string;
}

interface OpenFence {
  readonly mark: string;
  readonly info: string;
}

/** A fence of CommonMark, outside of lists and quotes, whose ends also end their fences. */
const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;

/** Splits Markdown at its fenced code blocks. A block that is not closed ends with the text. */
export function splitCodeBlocks(markdown: string): { blocks: MarkdownBlock[]; openFence: string | null } {
  const blocks: MarkdownBlock[] = [];
  let fence: OpenFence | undefined;
  let lines: string[] = [];
  const push = (type: MarkdownBlock['type'], info = '') => {
    if (type === 'code' || lines.length > 0) blocks.push({ type, info, text: lines.join('\n') });
    lines = [];
  };
  for (const line of markdown.split(/\r\n|\n|\r/)) {
    const [, mark = '', info = ''] = FENCE.exec(line) ?? [];
    if (fence && mark.startsWith(fence.mark) && info.trim() === '') {
      push('code', fence.info);
      fence = undefined;
    } else if (!fence && mark !== '' && !(mark.startsWith('`') && info.includes('`'))) {
      push('text');
      fence = { mark, info: info.trim() };
    } else lines.push(line);
  }
  push(fence ? 'code' : 'text', fence?.info);
  return { blocks, openFence: fence?.mark ?? null };
}
