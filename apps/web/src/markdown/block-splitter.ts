import { Lexer, type Token, type Tokens, type TokensList } from 'marked';

type Links = TokensList['links'];

export interface Block {
  /** Stable for the life of a block, while it grows and after it has settled. */
  key: number;
  token: Token;
}

export interface Blocks {
  /** The same objects in every later answer, unless a link definition arrives that an earlier block may use. */
  settled: readonly Block[];
  /** May still turn into something else with the next characters. */
  open: readonly Block[];
}

/**
 * How many blocks at the end stay open. One is not enough: after `- a` and a blank line, an indented
 * `- b` is a block of its own until the next line shows that it belongs to the first item. Two are not
 * either: `p`, `10) z`, `- ` are three blocks until the letter that makes the first two a paragraph.
 */
const OPEN_BLOCKS = 3;

/**
 * Splits a growing Markdown text into top-level blocks, lexing only the tail that may still change,
 * so that a long answer costs no more per update than a short one. Once complete, the blocks are
 * those that one lex of the whole text gives.
 */
export class BlockSplitter {
  #received = '';
  #source = '';
  #tailStart = 0;
  #complete = false;
  /** Of the settled blocks; the first definition of a label wins. */
  #links: Links = noLinks();
  #settled: Block[] = [];
  #open: Block[] = [];

  /** Takes the whole text so far. One that does not continue the last one starts afresh. */
  update(text: string, complete: boolean): Blocks {
    if (text !== this.#received || complete !== this.#complete) {
      if (this.#complete || !text.startsWith(this.#received)) this.#restart();
      this.#append(text.slice(this.#received.length), complete);
      this.#received = text;
      this.#complete = complete;
      this.#split();
    }
    return { settled: this.#settled, open: this.#open };
  }

  #restart(): void {
    this.#received = '';
    this.#source = '';
    this.#tailStart = 0;
    this.#links = noLinks();
    this.#settled = [];
  }

  /** The lexer counts in `\n`; a `\r` at the end waits for the next piece, since it may be half of `\r\n`. */
  #append(text: string, complete: boolean): void {
    const waiting = this.#received.endsWith('\r') ? '\r' : '';
    const piece = waiting + text;
    const ready = piece.endsWith('\r') && !complete ? piece.slice(0, -1) : piece;
    this.#source += ready.replace(/\r\n?/g, '\n');
  }

  #split(): void {
    const tokens = lex(this.#source.slice(this.#tailStart), this.#links);
    const settling = tokens.slice(0, this.#complete ? tokens.length : openFrom(tokens));
    const news = definitionsIn(settling).filter((definition) => !(definition.tag in this.#links));
    if (news.length > 0 && this.#settled.some(({ token }) => token.raw.includes('['))) {
      this.#tailStart = 0;
      this.#links = noLinks();
      this.#settled = [];
      this.#settle(lex(this.#source, this.#links));
    } else {
      this.#settle(tokens);
    }
  }

  #settle(tokens: Token[]): void {
    const settling = tokens.slice(0, this.#complete ? tokens.length : openFrom(tokens));
    for (const { tag, href, title } of definitionsIn(settling)) this.#links[tag] ??= { href, title };
    for (const { raw } of settling) this.#tailStart += raw.length;
    const visible = withKeys(settling, this.#settled.length);
    if (visible.length > 0) this.#settled = [...this.#settled, ...visible];
    this.#open = withKeys(tokens.slice(settling.length), this.#settled.length);
  }
}

/** All blocks of a text that will not grow. */
export function splitBlocks(text: string): readonly Block[] {
  return new BlockSplitter().update(text, true).settled;
}

function lex(source: string, known: Links): Token[] {
  const lexer = new Lexer({ gfm: true });
  Object.assign(lexer.tokens.links, known);
  return lexer.lex(source);
}

function noLinks(): Links {
  return Object.create(null);
}

const isVisible = (token: Token) => token.type !== 'space' && token.type !== 'def';

function withKeys(tokens: Token[], firstKey: number): Block[] {
  return tokens.filter(isVisible).map((token, index) => ({ key: firstKey + index, token }));
}

/** The index of the first of the last blocks, which stay open. */
function openFrom(tokens: Token[]): number {
  let left = OPEN_BLOCKS;
  for (let index = tokens.length - 1; index >= 0; index -= 1) {
    if (tokens[index]?.type !== 'space') left -= 1;
    if (left === 0) return index;
  }
  return 0;
}

/** Also those inside quotes and lists: a definition counts for the whole document wherever it stands. */
function definitionsIn(tokens: readonly Token[]): Tokens.Def[] {
  return tokens.flatMap((token) => {
    if (token.type === 'def') return [token as Tokens.Def];
    if (token.type === 'list') return (token as Tokens.List).items.flatMap((item) => definitionsIn(item.tokens));
    return token.type === 'blockquote' ? definitionsIn(token.tokens ?? []) : [];
  });
}
