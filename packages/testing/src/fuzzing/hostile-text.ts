import type { SeededRandom } from './seeded-random.ts';

/** Texts that break naive framing, encoding or escaping. */
export const HOSTILE_PIECES = [
  '\n',
  '\r',
  '\r\n',
  '\n\n',
  '\r\r',
  '\u2028',
  '\u2029',
  '\u0085',
  '\0',
  '\ufeff',
  '\ufffd',
  '\u007f',
  '\u001b[2J\u001b[31m',
  '\u001b]0;title\u0007',
  '\u009b1A',
  '\u202e',
  '\u2066',
  '"',
  '\\',
  '\\n',
  '</script>',
  'data: [DONE]\n\n',
  'data: [ERROR] no\n\n',
  'event: error\ndata: {}\n\n',
  'id: 1\n',
  ': keep-alive\n\n',
  ',"usage":null',
  '👩‍🚀',
  '🏳️‍🌈',
  'e\u0301',
  'ﷺ',
  '\u{10ffff}',
  'ß',
  ' ',
  'word',
];

/** Returns well-formed Unicode text of one to `piecesMax` pieces. */
export function hostileText(random: SeededRandom, piecesMax = 12): string {
  return Array.from({ length: 1 + random.upTo(piecesMax - 1) }, () => pieceOf(random)).join('');
}

function pieceOf(random: SeededRandom): string {
  if (!random.oneIn(4)) return random.pick(HOSTILE_PIECES);
  const point = random.upTo(0x10ffff);
  return String.fromCodePoint(point >= 0xd800 && point <= 0xdfff ? 0xfffd : point);
}
