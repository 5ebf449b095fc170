import { Hooks, Lexer, type Token, type Tokenizer, type Tokens } from 'marked';
import { maskFormulas } from './formula-syntax.ts';
import { createLimitedTokenizer } from './nesting-limit.ts';

/**
 * `marked` compares each delimiter of a text with all after it, and each start of a word with the rest of the word. Longer
 * texts with more delimiters or longer words are divided, so that the total work grows with their length only.
 */
const PIECE_CHARACTERS = 2_048;
const PIECE_DELIMITERS = 256;
const WORD_CHARACTERS = 512;
/** Lines after which an underline no longer makes a heading of them. */
const HEADING_LINES_MAX = 64;
/** Empty cells that a table may have besides one for each of its characters. */
const SPARE_CELLS = 256;

/** A list or quote with more lines in its first characters ends there. Its lines have eight characters on average. */
const CONTAINER_CHARACTERS = 16_384;
const CONTAINER_LINES_MAX = CONTAINER_CHARACTERS / 8;

const CONTAINER = /^ {0,3}(?:>|[*+-]|\d{1,9}[.)])/;
const LONG_WORD = new RegExp(`[^\\s\\u0080-\\uffff]{${WORD_CHARACTERS}}`);
const UNDERLINE_OF_TABLE = /^[^\n]*\n[^\n]*[:|]/;

/** Creates a lexer whose work grows linearly with the length of the text, also for text that is written to slow it down. */
export function createBoundedLexer(): Lexer {
  const tokenizer = createLimitedTokenizer();
  boundContainers(tokenizer);
  boundTables(tokenizer);
  boundHeadings(tokenizer);
  const hooks = new Hooks();
  const lexer = new BoundedLexer({ gfm: true, tokenizer, hooks });
  // Emphasis does not begin or end inside a formula.
  hooks.emStrongMask = (masked) => maskFormulas(masked, lexer.source);
  return lexer;
}

class BoundedLexer extends Lexer {
  /** The text that the lexer is about to mask, which it does before anything else. */
  source = '';

  override inlineTokens(source: string, tokens: Token[] = []): Token[] {
    for (const piece of toPieces(source)) {
      this.source = piece;
      super.inlineTokens(piece, tokens);
    }
    return tokens;
  }
}

/** Divides a text that would take long. Prefers the ends of lines and words. */
export function toPieces(source: string): string[] {
  if (source.length <= PIECE_DELIMITERS || !isExpensive(source)) return [source];
  const pieces: string[] = [];
  for (let start = 0; start < source.length; ) {
    const end = findPieceEnd(source, start);
    pieces.push(source.slice(start, end));
    start = end;
  }
  return pieces;
}

function isExpensive(source: string): boolean {
  return LONG_WORD.test(source) || findLimit(source, 0) < source.length;
}

/** Returns the offset at which a piece has too many delimiters; the length of the text if it has few. */
function findLimit(source: string, start: number): number {
  let delimiters = 0;
  for (let index = start; index < source.length; index += 1) {
    if (!isDelimiter(source.charCodeAt(index))) continue;
    delimiters += 1;
    if (delimiters > PIECE_DELIMITERS) return index;
  }
  return source.length;
}

/** Returns whether a UTF-16 unit is ASCII punctuation. */
function isDelimiter(unit: number): boolean {
  return unit > 0x20 && unit < 0x7f && !(unit >= 0x30 && unit <= 0x39) && !((unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a);
}

function findPieceEnd(source: string, start: number): number {
  const limit = Math.min(findLimit(source.slice(start, start + PIECE_CHARACTERS), 0) + start, start + PIECE_CHARACTERS);
  if (limit >= source.length) return source.length;
  const half = start + ((limit - start) >> 1);
  const line = source.lastIndexOf('\n', limit - 1);
  if (line >= half) return line + 1;
  const word = source.lastIndexOf(' ', limit - 1);
  if (word >= half) return word + 1;
  // Half of a surrogate pair would show as a replacement character.
  return isHighSurrogate(source.charCodeAt(limit - 1)) ? limit - 1 : limit;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** The text of a list or quote is copied for each of its lines. */
function boundContainers(tokenizer: Tokenizer): void {
  const list = tokenizer.list.bind(tokenizer);
  const blockquote = tokenizer.blockquote.bind(tokenizer);
  tokenizer.list = (source) => list(boundedContainer(source));
  tokenizer.blockquote = (source) => blockquote(boundedContainer(source));
}

function boundedContainer(source: string): string {
  if (source.length <= CONTAINER_CHARACTERS || !CONTAINER.test(source)) return source;
  const end = endOfLines(source.slice(0, CONTAINER_CHARACTERS), CONTAINER_LINES_MAX);
  return end === undefined ? source : source.slice(0, end);
}

/** Returns the offset after this number of lines; undefined if the text has fewer. */
function endOfLines(source: string, lines: number): number | undefined {
  let end = 0;
  for (let line = 0; line < lines; line += 1) {
    end = source.indexOf('\n', end) + 1;
    if (end === 0) return undefined;
  }
  return end;
}

/** Short rows get as many cells as the header has, so a table of few characters could have millions. */
function boundTables(tokenizer: Tokenizer): void {
  const table = tokenizer.table.bind(tokenizer);
  tokenizer.table = (source): Tokens.Table | undefined => {
    // The expression for a table also matches a line with `-` below, and all lines after it.
    if (!UNDERLINE_OF_TABLE.test(source)) return undefined;
    const [raw = '', header = '', , rows = ''] = tokenizer.rules.block.table.exec(source) ?? [];
    const cells = header.split('|').length * rows.split('\n').length;
    return cells <= raw.length + SPARE_CELLS ? table(source) : undefined;
  };
}

/** In a list, each line is compared with the beginning of a heading, which may have any number of lines. */
function boundHeadings(tokenizer: Tokenizer): void {
  const lheading = tokenizer.lheading.bind(tokenizer);
  tokenizer.lheading = (source) => {
    const end = endOfLines(source, HEADING_LINES_MAX);
    return end === undefined || lheading(source.slice(0, end)) ? lheading(source) : undefined;
  };
}
