import type { RawChunk } from '@prodigon/ports';

/** A chunk whose text alone changes from one token to the next. */
export interface ChunkTemplate {
  /** The chunk's text when `data` is this chunk with another one, else null. */
  textOf(data: string): string | null;
  readonly facts: Omit<RawChunk, 'json'>;
}

const CONTENT = /"content"\s*:\s*"/g;
/** What a JSON string cannot hold as it is, and what is escaped in it: that is left to the parser. */
const NOT_PLAIN = /["\\]|\p{Cc}/u;

/**
 * Makes a template of a chunk that has been read, so that those that follow need no parsing: between two tokens of an
 * answer nothing differs but a string. Null when the place of that string is not beyond doubt.
 */
export function chunkTemplateOf(data: string, text: string, facts: ChunkTemplate['facts']): ChunkTemplate | null {
  const [found, ...others] = data.matchAll(CONTENT);
  if (!found || others.length > 0 || NOT_PLAIN.test(text)) return null;
  const start = found.index + found[0].length;
  if (!data.startsWith(`${text}"`, start)) return null;
  const prefix = data.slice(0, start);
  const suffix = data.slice(start + text.length);
  return {
    facts,
    textOf(candidate) {
      const end = candidate.length - suffix.length;
      if (end < prefix.length) return null;
      // Slices compare several times as fast as `startsWith`.
      if (candidate.slice(0, prefix.length) !== prefix || candidate.slice(end) !== suffix) return null;
      const literal = candidate.slice(prefix.length, end);
      return NOT_PLAIN.test(literal) ? null : literal;
    },
  };
}
