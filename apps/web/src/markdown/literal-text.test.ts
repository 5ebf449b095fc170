import { plainText } from '@prodigon/contracts/markdown';
import type { Tokens } from 'marked';
import { describe, expect, it } from 'vitest';
import { directionOf } from '../design/direction.ts';
import { createBlockSplitter, splitBlocks } from './block-splitter.ts';
import { alertOf } from './literal-text.ts';
import { splitThinkBlock } from './think-block.ts';

const tokensOf = (text: string) => splitBlocks(text).map(({ token }) => token);

describe('text that is not markup', () => {
  it.each([
    'between 20~25 and 40~60 users',
    'a ~single~ tilde',
    String.raw`the energy \(E_a * b_c * d\) and \[x_1 \\ y_2\]`,
    String.raw`a path C:\\Users\\me`,
    String.raw`an unclosed \( stays`,
    'costs $$a_1 *b* c$$ here',
    String.raw`\[
a
= b
+ *c*
- d
\]`,
    String.raw`The formula:
\[
- a
# b
\]`,
    'see [^1] and [^note]',
  ])('keeps %j', (text) => {
    expect(plainText(tokensOf(text))).toBe(text);
  });

  it('still strikes through between double tildes and escapes other characters', () => {
    expect(plainText(tokensOf(String.raw`~~old~~ \*new\* \_x\_`))).toBe('old *new* _x_');
  });

  it('keeps a formula in one block, however the text arrives', () => {
    const text = String.raw`Before:
\[
a
- b
---
# c
+ d
\]

after
- list`;
    const whole = tokensOf(text).map(({ type, raw }) => `${type}: ${raw.trim()}`);
    expect(whole).toHaveLength(3);
    for (let cut = 0; cut < text.length; cut += 1) {
      const splitter = createBlockSplitter();
      splitter.update(text.slice(0, cut), false);
      const { closed } = splitter.update(text, true);
      expect(closed.map(({ token }) => `${token.type}: ${token.raw.trim()}`)).toEqual(whole);
    }
  });
});

describe('footnotes', () => {
  it('are no links, also with an address as their text', () => {
    const [first, second] = tokensOf('A claim[^1].\n\n[^1]: https://example.com') as Tokens.Paragraph[];
    expect(first?.tokens.map(({ type }) => type)).toEqual(['text', 'footnote', 'text']);
    expect(second?.tokens.map(({ type, raw }) => `${type} ${raw}`)).toEqual([
      'footnote [^1]',
      'text : ',
      'link https://example.com',
    ]);
  });
});

describe('alertOf', () => {
  const alert = (text: string) => {
    const found = alertOf(tokensOf(text)[0] as Tokens.Blockquote);
    return found && [found.kind, plainText(found.tokens)];
  };

  it('reads the kind and the text after the marker', () => {
    expect(alert('> [!NOTE]\n> Mind the *gap*')).toEqual(['note', 'Mind the gap']);
    expect(alert('> [!WARNING]\n>\n> Later')).toEqual(['warning', 'Later']);
    expect(alert('> [!TIP]\n> **Bold** first')).toEqual(['tip', 'Bold first']);
  });

  it('leaves ordinary quotes', () => {
    expect(alert('> [!NOTE] inline')).toBeUndefined();
    expect(alert('> quote')).toBeUndefined();
  });
});

describe('splitThinkBlock', () => {
  it.each([
    ['<think>\nhm\n</think>\n\nHello', 'hm', 'Hello'],
    ['<think>still', 'still', ''],
    ['<thi', '', ''],
    ['<thing> is', '', '<thing> is'],
    ['Use `<think>` tags', '', 'Use `<think>` tags'],
    ['', '', ''],
  ])('separates the reasoning of %j', (response, reasoning, text) => {
    expect(splitThinkBlock(response)).toEqual({ reasoning, text });
  });
});

it('reads the direction of a text from its first letter', () => {
  expect(['- hello', '1. שלום', '| مرحبا | x |', '123', '> «سلام»'].map(directionOf)).toEqual([
    'ltr',
    'rtl',
    'rtl',
    'ltr',
    'rtl',
  ]);
});
