import type { StreamMarks } from '../load-plan.ts';

const NEW_LINE = 10;
const QUOTE = 34;

export interface TokenCounter {
  /** Returns the number of tokens that this chunk completes. */
  read(chunk: Buffer): number;
  /** Whether the end mark has arrived. */
  isAtEnd(): boolean;
}

/** Counts tokens without parsing the stream. An incomplete line is kept until the next chunk. */
export function createTokenCounter(marks: StreamMarks): TokenCounter {
  const token = Buffer.from(marks.token);
  const end = Buffer.from(marks.end);
  let rest: Buffer | null = null;
  let isAtEnd = false;
  return {
    isAtEnd: () => isAtEnd,
    read(chunk) {
      const bytes = rest ? Buffer.concat([rest, chunk]) : chunk;
      const complete = bytes.lastIndexOf(NEW_LINE) + 1;
      rest = complete === bytes.length ? null : Buffer.from(bytes.subarray(complete));
      const lines = rest ? bytes.subarray(0, complete) : bytes;
      isAtEnd ||= lines.includes(end);
      return countTokens(lines, token);
    },
  };
}

function countTokens(lines: Buffer, token: Buffer): number {
  let count = 0;
  for (let at = lines.indexOf(token); at >= 0; at = lines.indexOf(token, at + token.length))
    if (lines[at + token.length] !== QUOTE) count += 1;
  return count;
}
