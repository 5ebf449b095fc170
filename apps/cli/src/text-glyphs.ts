import type { CommandContext } from './command.ts';

/** The characters that draw pictures in text. */
export interface Glyphs {
  readonly horizontal: string;
  readonly vertical: string;
  readonly tick: string;
  readonly point: string;
  readonly bar: string;
  readonly left: string;
  readonly right: string;
  readonly arrowLeft: string;
  readonly arrowRight: string;
  readonly cross: string;
  readonly check: string;
  readonly ellipsis: string;
}

const UNICODE: Glyphs = {
  horizontal: '─',
  vertical: '│',
  tick: '┼',
  point: '●',
  bar: '█',
  left: '├',
  right: '┤',
  arrowLeft: '◀',
  arrowRight: '▶',
  cross: '✗',
  check: '✓',
  ellipsis: '…',
};
const ASCII: Glyphs = {
  horizontal: '-',
  vertical: '|',
  tick: '+',
  point: 'o',
  bar: '#',
  left: '[',
  right: ']',
  arrowLeft: '<',
  arrowRight: '>',
  cross: 'x',
  check: '+',
  ellipsis: '~',
};

/** Returns ASCII characters for a simple terminal or the locale `C`, and Unicode characters otherwise. */
function glyphsFor({ TERM, LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): Glyphs {
  const locale = LC_ALL || LC_CTYPE || LANG || '';
  return TERM === 'dumb' || /^(?:C|POSIX)$/.test(locale) ? ASCII : UNICODE;
}

const COLUMNS = { fallback: 80, min: 40, max: 100 };

export interface TextOptions {
  readonly columns: number;
  readonly glyphs: Glyphs;
}

/** Returns how to draw on standard output: as wide as the terminal within limits, and 80 columns elsewhere. */
export function textOptionsOf({ stdout, env }: Pick<CommandContext, 'stdout' | 'env'>): TextOptions {
  const columns = Math.min(COLUMNS.max, Math.max(COLUMNS.min, stdout.columns || COLUMNS.fallback));
  return { columns, glyphs: glyphsFor(env) };
}

/** Returns the lines of a text, broken at spaces. Longer words keep their length. */
export function wrapText(text: string, columns: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(/\s+/).filter(Boolean)) {
      if (line !== '' && line.length + 1 + word.length > columns) {
        lines.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    return [...lines, line];
  });
}

/** Returns the wrapped lines of a text, each with a prefix: `first` for the first one, and as many spaces for the others. */
export const indentText = (text: string, columns: number, first = '  '): string =>
  wrapText(text, columns - first.length)
    .map((line, index) => `${index === 0 ? first : ' '.repeat(first.length)}${line}`)
    .join('\n');
