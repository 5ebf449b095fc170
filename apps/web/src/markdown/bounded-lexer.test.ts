import { Tokenizer, type Tokens } from 'marked';
import { describe, expect, it, vi } from 'vitest';
import { splitBlocks } from './block-splitter.ts';
import { toPieces } from './bounded-lexer.ts';

const CHARACTERS = 36_000;
const repeat = (text: string) => text.repeat(CHARACTERS / text.length);
const delimitersOf = (text: string) => text.match(/[!-/:-@[-`{-~]/g)?.length ?? 0;

describe('a text that would take long', () => {
  it.each([
    '~~',
    '**x* ',
    'a_',
    '*a **a ',
    '[[a](b)',
    '![',
    '\\[',
    '`a ',
    '<a ',
    'http://a.b/?!)',
    'a@b.',
    '&#1',
    '|',
    '😀*',
    'a',
  ])('is divided into pieces of bounded work: %s', (text) => {
    const source = repeat(text);
    const pieces = toPieces(source);
    expect(pieces.join('')).toBe(source);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(2_048);
    expect(Math.max(...pieces.map(delimitersOf))).toBeLessThanOrEqual(256);
    expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
  });

  it.each([
    ['long', 'A sentence of some words, with *emphasis* in it. '.repeat(40)],
    ['without spaces', '一个没有空格的句子。'.repeat(2_000)],
    ['many delimiters in few characters', '*a* '.repeat(64)],
    ['no delimiters', 'word '.repeat(10_000)],
  ])('does not include prose: %s', (_case, source) => {
    expect(toPieces(source)).toEqual([source]);
  });

  it('is divided after a line or a word if possible', () => {
    const pieces = toPieces('**bold** and _more_\n'.repeat(100));
    expect(pieces.length).toBeGreaterThan(1);
    for (const piece of pieces) expect(piece).toMatch(/^\*\*bold[\s\S]*\n$/);
    for (const piece of toPieces('**bold** and _more_ '.repeat(100))) expect(piece).toMatch(/ $/);
  });
});

describe('the blocks of a long text', () => {
  it('have no more cells than the table has characters, apart from small tables', () => {
    const header = (columns: number) => `|${'a|'.repeat(columns)}\n|${'-|'.repeat(columns)}\n`;
    const cellsOf = (text: string) =>
      splitBlocks(text).flatMap(({ token }) => (token.type === 'table' ? (token as Tokens.Table).rows.flat() : [])).length;
    expect(cellsOf(header(300) + '|\n'.repeat(1_000))).toBe(0);
    expect(cellsOf(header(5) + '|\n'.repeat(20))).toBe(100);
    expect(cellsOf(header(5) + '|b|b|b|b|b|\n'.repeat(1_000))).toBe(5_000);
  });

  it.each(['- a\n', '> a\nb\n', '- a\n  b\n', '1. a\n'])('have a bounded length in lists of short lines: %j', (text) => {
    const tokens = splitBlocks(repeat(text)).map(({ token }) => token);
    expect(tokens.map(({ raw }) => raw).join('')).toHaveLength(CHARACTERS);
    expect(Math.max(...tokens.map(({ raw }) => raw.length))).toBeLessThanOrEqual(16_384);
  });

  it('keep long lists of ordinary items together', () => {
    expect(splitBlocks('- an item of a few words\n'.repeat(2_000))).toHaveLength(1);
  });

  it('compare each line of a list with the beginning of a heading, not with the rest of the list', () => {
    const text = `- a\n${'b\n'.repeat(2_000)}`;
    const headings = vi.spyOn(Tokenizer.prototype, 'lheading');
    splitBlocks(text);
    const read = headings.mock.calls.reduce((sum, [{ length }]) => sum + length, 0);
    headings.mockRestore();
    expect(read).toBeLessThan(100 * text.length);
  });

  it('do not compare the text after a heading with a table', () => {
    const tables = vi.spyOn(Tokenizer.prototype, 'table');
    expect(splitBlocks('a\n-\n'.repeat(100))).toHaveLength(100);
    expect(tables).not.toHaveBeenCalled();
    tables.mockRestore();
  });
});
