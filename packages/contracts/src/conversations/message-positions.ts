import type { MessagePart } from './conversations.ts';

/** Returns the text of a part that positions of a response count. */
function countedText(part: MessagePart): string {
  if (part.type === 'text' || part.type === 'reasoning') return part.text;
  return part.type === 'tool_call' ? part.arguments : '';
}

/** Returns the number of UTF-16 code units that positions of a response count. */
export function countUnits(parts: readonly MessagePart[]): number {
  return parts.reduce((units, part) => units + countedText(part).length, 0);
}

/** Returns the parts between two positions. */
export function sliceParts(parts: readonly MessagePart[], start: number, end: number): MessagePart[] {
  const slice: MessagePart[] = [];
  let position = 0;
  for (const part of parts) {
    const text = countedText(part);
    const [from, to] = [Math.max(0, start - position), Math.min(text.length, end - position)];
    position += text.length;
    if (from < to) slice.push(withCountedText(part, text.slice(from, to)));
    else if (text === '' && position >= start && position <= end) slice.push(part);
  }
  return slice;
}

function withCountedText(part: MessagePart, text: string): MessagePart {
  if (part.type === 'text' || part.type === 'reasoning') return { ...part, text };
  return part.type === 'tool_call' ? { ...part, arguments: text } : part;
}
