import type { RawChunk } from '@prodigon/ports';

/** The JSON of a chunk in which only the text changes from one token to the next. */
export interface ChunkTemplate {
  /** Returns the text of `data` when nothing else differs from the template, otherwise null. */
  matchText(data: string): string | null;
  readonly metadata: Omit<RawChunk, 'json'>;
}

const CONTENT = /"content"\s*:\s*"/g;
/** Characters that a JSON string escapes or must not contain. Texts with them need the parser. */
const NEEDS_PARSER = /["\\]|\p{Cc}/u;

/**
 * Creates a template from a parsed chunk, so that later chunks need no parsing: successive chunks of a response usually
 * differ in one string only. Returns null when the position of that string is ambiguous.
 */
export function createChunkTemplate(data: string, text: string, metadata: ChunkTemplate['metadata']): ChunkTemplate | null {
  const [found, ...others] = data.matchAll(CONTENT);
  if (!found || others.length > 0 || NEEDS_PARSER.test(text)) return null;
  const start = found.index + found[0].length;
  if (!data.startsWith(`${text}"`, start)) return null;
  const prefix = data.slice(0, start);
  const suffix = data.slice(start + text.length);
  return {
    metadata,
    matchText(candidate) {
      const end = candidate.length - suffix.length;
      if (end < prefix.length) return null;
      // Comparing slices is several times as fast as `startsWith`.
      if (candidate.slice(0, prefix.length) !== prefix || candidate.slice(end) !== suffix) return null;
      const literal = candidate.slice(prefix.length, end);
      return NEEDS_PARSER.test(literal) ? null : literal;
    },
  };
}
