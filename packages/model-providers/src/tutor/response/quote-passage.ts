import { lexer } from 'marked';
import { stemsOf } from '../language/tokenizer.ts';

/** The minimum space for a part of a block. Less space stays empty. */
const MIN_REMAINING_CHARACTERS = 200;

const sentences = new Intl.Segmenter('en', { granularity: 'sentence' });

/**
 * Returns the part of a section to quote, as Markdown of about `charactersMax` characters at most. It starts at the
 * paragraph with most of the `stems` and contains whole paragraphs, or whole sentences of a long one. An ellipsis marks
 * each omission.
 */
export function quotePassage(markdown: string, stems: readonly string[], charactersMax: number): string {
  const blocks = lexer(markdown)
    .filter(({ type }) => type !== 'space')
    .map(({ type, raw }) => ({ type, text: raw.trim() }));
  if (markdown.length <= charactersMax || blocks.length === 0) return markdown.trim();

  const wanted = new Set(stems);
  const hits = blocks.map(({ text }) => new Set(stemsOf(text).filter((stem) => wanted.has(stem))).size);
  const start = hits.indexOf(Math.max(...hits));
  const quoted: string[] = [];
  let length = 0;
  let next = start;
  for (; next < blocks.length; next += 1) {
    const { type, text } = blocks[next] as { type: string; text: string };
    const remaining = charactersMax - length;
    if (text.length > remaining) {
      if (quoted.length === 0 || remaining > MIN_REMAINING_CHARACTERS)
        quoted.push(type === 'paragraph' ? firstSentences(text, remaining) : firstLines(text, type, remaining));
      break;
    }
    quoted.push(text);
    length += text.length + 2;
  }
  const before = start > 0 ? '…\n\n' : '';
  const after = next < blocks.length && !quoted.at(-1)?.endsWith('…') ? '\n\n…' : '';
  return `${before}${quoted.join('\n\n')}${after}`;
}

/** Returns at least one sentence, and does not split a link or inline code. */
function firstSentences(text: string, charactersMax: number): string {
  let end = 0;
  for (const { index, segment } of sentences.segment(text)) {
    const candidate = index + segment.length;
    if (end > 0 && candidate > charactersMax) break;
    if (isBalanced(text.slice(0, candidate))) end = candidate;
  }
  return end === 0 || end >= text.length ? text : `${text.slice(0, end).trim()} …`;
}

/** Returns whole lines of a list, table or code block, and closes a code block. */
function firstLines(text: string, type: string, charactersMax: number): string {
  const lines = text.split('\n');
  let kept = lines[0] ?? '';
  for (const line of lines.slice(1)) {
    if (kept.length + line.length + 1 > charactersMax) break;
    kept += `\n${line}`;
  }
  const fence = type === 'code' ? /^(`{3,}|~{3,})/.exec(text)?.[1] : undefined;
  return fence ? `${kept}\n${fence}\n\n…` : `${kept}\n\n…`;
}

function isBalanced(text: string): boolean {
  const count = (character: string) => text.split(character).length - 1;
  return count('`') % 2 === 0 && count('[') === count(']') && count('(') === count(')');
}
