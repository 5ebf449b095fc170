export interface Formula {
  raw: string;
  /** The TeX source between the delimiters. */
  tex: string;
  isDisplay: boolean;
}

/** Longer formulas are text, so that unclosed delimiters do not make the lexer slow, and a formula renders fast. */
export const FORMULA_CHARACTERS_MAX = 2_000;

const PARENTHESES = /^\\\(([\s\S]{1,2000}?)\\\)/;
const BRACKETS = /^\\\[([\s\S]{1,2000}?)\\\]/;
const DOUBLE_DOLLARS = /^\$\$(?!\$)([\s\S]{1,2000}?)\$\$/;
/** As in Pandoc, no space is inside the dollars. No letter, digit or dollar may follow. */
const DOLLARS = /^\$(?![\s$])((?:\\[^\n]|[^$\\`\n]){1,200})(?<!\s)\$(?![\p{L}\p{N}$])/u;

const TEX_CHARACTER = /[\\^_{}]/;
const RELATION = /[=<>≤≥≠≈∈]/;
const OPERATOR = /[=<>≤≥≠≈∈+*/|-]/;
/** Words are prose, except the names of functions. */
const WORD = /(?:(?!(?:sin|cos|tan|log|ln|exp|min|max|mod|lim|det|gcd)\b)[a-z]{3,}|[^\p{ASCII}\p{P}\p{S}]{2,})/iu;

/** Returns the formula at the beginning of a text; undefined if the text does not begin with one. */
export function formulaAt(source: string): Formula | undefined {
  return explicitFormula(source) ?? dollarFormula(source);
}

function explicitFormula(source: string): Formula | undefined {
  const inline = PARENTHESES.exec(source);
  if (inline?.[1] !== undefined && !isProse(inline[1])) return { raw: inline[0], tex: inline[1], isDisplay: false };
  const display = BRACKETS.exec(source) ?? DOUBLE_DOLLARS.exec(source);
  if (display?.[1] === undefined || isProse(display[1]) || !(isOnOwnLines(display[1]) || isDistinct(display[1])))
    return undefined;
  return { raw: display[0], tex: display[1], isDisplay: true };
}

/** One dollar is usually money or a variable of a shell, so what is between two of them must look like a formula. */
function dollarFormula(source: string): Formula | undefined {
  const [raw, tex] = DOLLARS.exec(source) ?? [];
  if (raw === undefined || tex === undefined || /^[\s$]*$/.test(tex)) return undefined;
  if (!TEX_CHARACTER.test(tex)) {
    if (WORD.test(tex)) return undefined;
    // An amount of money is no formula, and neither is a range of amounts.
    if (/^[\d.,]/.test(tex) && !(RELATION.test(tex) || (OPERATOR.test(tex) && /[a-z]/i.test(tex)))) return undefined;
    if (!/[\p{L}\p{N}]/u.test(tex)) return undefined;
  }
  return { raw, tex, isDisplay: false };
}

/** Delimiters may also be escaped brackets around words. */
function isProse(tex: string): boolean {
  return !TEX_CHARACTER.test(tex) && !RELATION.test(tex) && WORD.test(tex);
}

const isOnOwnLines = (tex: string) => tex.startsWith('\n');

/** `\[1\]` is a reference, and not a formula. */
function isDistinct(tex: string): boolean {
  return TEX_CHARACTER.test(tex) || OPERATOR.test(tex);
}

/** A line that begins a formula of several lines. */
const OPENING_LINE = /^ {0,3}(\\\[|\$\$)(.*)$/;

export interface OpenFormula {
  /** The delimiter that ends it. */
  close: '\\]' | '$$';
  /** The offset of its line. */
  start: number;
  /** Whether the delimiter is alone on its line. Only then may the formula contain blank lines. */
  isBlock: boolean;
}

/** Returns the formula that is still open at the end of a text. */
export function openFormula(text: string): OpenFormula | undefined {
  let open: OpenFormula | undefined;
  let start = 0;
  for (const line of text.split('\n')) {
    if (open) {
      if (line.includes(open.close)) open = undefined;
    } else {
      const [, delimiter, rest = ''] = OPENING_LINE.exec(line) ?? [];
      const close = delimiter === '$$' ? '$$' : '\\]';
      if (delimiter !== undefined && !rest.includes(close)) open = { close, start, isBlock: rest.trim() === '' };
    }
    start += line.length + 1;
  }
  return open;
}

/**
 * Returns the length of a paragraph that includes its last formula: a line such as `- b` or `= c` in a formula would otherwise
 * start another block. A formula ends with its delimiter. Without one it ends, like in TeX, at a blank line.
 */
export function formulaEnd(source: string, paragraph: string): number {
  const open = openFormula(paragraph);
  if (!open) return paragraph.length;
  if (open.isBlock) {
    const close = closingLine(source, open);
    if (close !== undefined) return Math.max(close, paragraph.length);
  }
  let end = paragraph.length;
  while (end < source.length) {
    const start = source.charAt(end) === '\n' && source.charAt(end - 1) !== '\n' ? end + 1 : end;
    const next = lineEnd(source, start);
    const line = source.slice(start, next).trimEnd();
    if (line === '') break;
    end = next;
    if (line.includes(open.close)) break;
  }
  return end;
}

/** The offset after the line that ends a formula with its delimiter, which must be the last of the line. */
function closingLine(source: string, { close, start }: OpenFormula): number | undefined {
  const first = lineEnd(source, start);
  const limit = Math.min(source.length, start + FORMULA_CHARACTERS_MAX);
  const found = source.slice(first, limit).indexOf(close);
  if (found === -1) return undefined;
  const end = lineEnd(source, first + found);
  return source.slice(first + found + close.length, end).trim() === '' ? end : undefined;
}

function lineEnd(source: string, start: number): number {
  const end = source.indexOf('\n', start);
  return end === -1 ? source.length : end + 1;
}

/** Replaces formulas by characters that have no meaning in Markdown, with the same length. */
export function maskFormulas(masked: string, source: string): string {
  if (masked.length !== source.length) return masked;
  let result = masked;
  for (let index = nextDelimiter(source, 0); index !== -1; index = nextDelimiter(source, index)) {
    const raw = isWordBefore(source, index) ? undefined : formulaAt(source.slice(index, index + FORMULA_CHARACTERS_MAX + 4))?.raw;
    if (raw === undefined) index += 1;
    else {
      result = result.slice(0, index) + '+'.repeat(raw.length) + result.slice(index + raw.length);
      index += raw.length;
    }
  }
  return result;
}

const DELIMITER = /\$|\\[([]/g;

function nextDelimiter(source: string, start: number): number {
  DELIMITER.lastIndex = start;
  return DELIMITER.exec(source)?.index ?? -1;
}

/** `5$ or 6$` and `A$x$` do not begin a formula at their first dollar. */
export function isWordBefore(source: string, index: number): boolean {
  return source.charAt(index) === '$' && /[\p{L}\p{N}$\\]/u.test(source.charAt(index - 1));
}
