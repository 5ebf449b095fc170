let graphemes: Intl.Segmenter | undefined;
/** Longer graphemes, e.g. a letter with a hundred accents, may be cut between their characters. */
const GRAPHEME_CODE_UNITS_MAX = 64;

/**
 * Returns the beginning of a text, with `mark` at the cut. The result has at most `codeUnitsMax` UTF-16 code units, as a
 * JavaScript string counts them, and never ends with half of a character or with spaces before the mark.
 */
export function cutText(text: string, codeUnitsMax: number, mark = '…'): string {
  if (text.length <= codeUnitsMax) return text;
  return text.slice(0, findBoundary(text, Math.max(0, codeUnitsMax - mark.length))).trimEnd() + mark;
}

/** Returns the last boundary between two graphemes up to `end`. */
function findBoundary(text: string, end: number): number {
  graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  const { index = end } = graphemes.segment(text.slice(0, end + GRAPHEME_CODE_UNITS_MAX)).containing(end) ?? {};
  if (end - index <= GRAPHEME_CODE_UNITS_MAX) return index;
  return isLowSurrogate(text.charCodeAt(end)) ? end - 1 : end;
}

const isLowSurrogate = (codeUnit: number) => codeUnit >= 0xdc00 && codeUnit <= 0xdfff;
