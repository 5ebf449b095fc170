import type { Token, Tokens, TokensList } from 'marked';
import { createBoundedLexer } from './bounded-lexer.ts';
import { openFormulaIndex } from './formula-tokens.ts';

type Links = TokensList['links'];

export interface Block {
  /** Stable while the block is open and after it has closed. */
  key: number;
  token: Token;
}

export interface Blocks {
  /**
   * Blocks that no longer change. They are the same objects on every update, unless a link definition arrives
   * that one of them may use.
   */
  closed: readonly Block[];
  /** Blocks that further text may still change. */
  open: readonly Block[];
}

export interface BlockSplitter {
  /** Splits the whole text so far. A text that does not continue the previous one discards the previous blocks. */
  update: (text: string, isComplete: boolean) => Blocks;
}

/**
 * Number of last blocks that stay open. One is too few: after `- a` and a blank line, an indented `- b` is a
 * separate block until the next line makes it part of the first item. Two are too few: `p`, `10) z`, `- ` are
 * three blocks until the next letter joins the first two into a paragraph.
 */
const OPEN_BLOCKS = 3;

/**
 * Splits a growing Markdown text into top-level blocks. It lexes only the tail that may still change, so
 * that the cost of an update does not depend on the length of the text. The blocks of a complete text equal
 * those of a single lexer run.
 */
export function createBlockSplitter(): BlockSplitter {
  let received = '';
  let source = '';
  let tailStart = 0;
  let isFinished = false;
  /** Link definitions of the closed blocks; the first definition of a label wins. */
  let links = createLinks();
  let closed: Block[] = [];
  let open: Block[] = [];

  function restart(): void {
    received = '';
    source = '';
    tailStart = 0;
    links = createLinks();
    closed = [];
  }

  /** The lexer expects `\n`. A final `\r` waits for the next piece, because it may be half of `\r\n`. */
  function append(text: string): void {
    const held = received.endsWith('\r') ? '\r' : '';
    const piece = held + text;
    const ready = piece.endsWith('\r') && !isFinished ? piece.slice(0, -1) : piece;
    source += ready.replace(/\r\n?/g, '\n');
  }

  function split(): void {
    const tokens = lex(source.slice(tailStart), links);
    const newDefinitions = linkDefinitions(closingTokens(tokens)).filter(({ tag }) => !(tag in links));
    if (newDefinitions.length > 0 && closed.some(({ token }) => token.raw.includes('['))) {
      tailStart = 0;
      links = createLinks();
      closed = [];
      close(lex(source, links));
    } else {
      close(tokens);
    }
  }

  function close(tokens: Token[]): void {
    const closing = closingTokens(tokens);
    for (const { tag, href, title } of linkDefinitions(closing)) links[tag] ??= { href, title };
    for (const { raw } of closing) tailStart += raw.length;
    const visible = toBlocks(closing, closed.length);
    if (visible.length > 0) closed = [...closed, ...visible];
    open = toBlocks(tokens.slice(closing.length), closed.length);
  }

  function closingTokens(tokens: Token[]): Token[] {
    return tokens.slice(0, isFinished ? tokens.length : firstOpenIndex(tokens));
  }

  return {
    update(text, isComplete) {
      if (text !== received || isComplete !== isFinished) {
        if (isFinished || !text.startsWith(received)) restart();
        isFinished = isComplete;
        append(text.slice(received.length));
        received = text;
        split();
      }
      return { closed, open };
    },
  };
}

/** The blocks of a complete text. */
export function splitBlocks(text: string): readonly Block[] {
  return createBlockSplitter().update(text, true).closed;
}

function lex(source: string, known: Links): Token[] {
  const lexer = createBoundedLexer();
  Object.assign(lexer.tokens.links, known);
  return lexer.lex(source);
}

function createLinks(): Links {
  return Object.create(null);
}

const isVisible = (token: Token) => token.type !== 'space' && token.type !== 'def';

function toBlocks(tokens: Token[], firstKey: number): Block[] {
  return tokens.filter(isVisible).map((token, index) => ({ key: firstKey + index, token }));
}

/** The index of the first of the last `OPEN_BLOCKS` blocks, or of an earlier open formula; blank lines do not count. */
function firstOpenIndex(tokens: Token[]): number {
  let left = OPEN_BLOCKS;
  for (let index = tokens.length - 1; index >= 0; index -= 1) {
    if (tokens[index]?.type !== 'space') left -= 1;
    if (left === 0) return Math.min(index, openFormulaIndex(tokens));
  }
  return 0;
}

/** Includes definitions inside quotes and lists, which apply to the whole document. */
function linkDefinitions(tokens: readonly Token[]): Tokens.Def[] {
  return tokens.flatMap((token) => {
    if (token.type === 'def') return [token as Tokens.Def];
    if (token.type === 'list') return (token as Tokens.List).items.flatMap((item) => linkDefinitions(item.tokens));
    return token.type === 'blockquote' ? linkDefinitions(token.tokens ?? []) : [];
  });
}
