import { plainText } from '@prodigon/contracts/markdown';
import { Lexer, type Token, type Tokens } from 'marked';
import { describe, expect, it } from 'vitest';
import { createBlockSplitter, splitBlocks } from './block-splitter.ts';
import { NESTING_MAX } from './nesting-limit.ts';

const EDGE_CASES = `# Setext and friends
Title
===
Another
---
Text with a [link][late], a [second][nested] and [nothing][missing].

- tight
- list
  - nested

  - loose nested

      deeper code
- after

  paragraph in item
  \`\`\`ts
  const a = '- not an item';

  # not a heading
  \`\`\`
1. one
1) other list
   > quote in a list
   lazy line

> quote
> - with list
lazy continuation

    indented code

    with a gap
not code

| a | b |
|---|--:|
| 1 \\| 2 | [x][late] |
| <br> | \`|\` |
after the table

<div>
raw *html*

</div>
<!-- a comment

over blank lines -->
\`\`\`\`md
\`\`\`
inner
\`\`\`
\`\`\`\`
***
* * *
- [x] done
- [ ] open

[late]: https://example.com/a "Title"
[late]: https://example.com/loses

> [nested]: /read/docs/a.md

Line  
break\\
again &amp; <b>bold</b> **unclosed *nested\r
windows line\r
\r
last\rold mac
- a

    - b

      c

 \t
- d
p
10) z
- a
-->
---
~~~
unclosed fence
- x`;

describe('createBlockSplitter', () => {
  const whole = treeOf(Lexer.lex(EDGE_CASES));
  const wholeJson = JSON.stringify(whole);

  it('returns the same blocks for every split of the text into two parts', () => {
    for (let cut = 0; cut <= EDGE_CASES.length; cut += 1) {
      const splitter = createBlockSplitter();
      splitter.update(EDGE_CASES.slice(0, cut), false);
      splitter.update(EDGE_CASES, false);
      const { closed, open } = splitter.update(EDGE_CASES, true);
      const tree = treeOf(closed.map(({ token }) => token));
      // A deep comparison of a thousand trees would take seconds.
      if (JSON.stringify(tree) !== wholeJson) expect(tree, `cut at ${cut}`).toEqual(whole);
      expect(open).toHaveLength(0);
    }
  });

  it.each([1, 2, 3, 5, 8, 13])('returns the same blocks when the text arrives %i characters at a time', (size) => {
    const splitter = createBlockSplitter();
    for (let end = size; end < EDGE_CASES.length; end += size) splitter.update(EDGE_CASES.slice(0, end), false);
    expect(treeOf(splitter.update(EDGE_CASES, true).closed.map(({ token }) => token))).toEqual(whole);
  });

  it('keeps closed blocks as the same objects while the text grows', () => {
    const splitter = createBlockSplitter();
    const first = splitter.update('one\n\ntwo\n\nthree\n\nfour\n\nfive', false);
    const later = splitter.update('one\n\ntwo\n\nthree\n\nfour\n\nfive and more\n\nsix', false);
    expect(first.closed).toHaveLength(2);
    expect(later.closed.slice(0, 2)).toEqual(first.closed);
    expect(later.closed[0]?.token).toBe(first.closed[0]?.token);
    expect(later.closed[1]?.token).toBe(first.closed[1]?.token);
  });

  it('keeps the key of a block that closes', () => {
    const splitter = createBlockSplitter();
    const growing = splitter.update('one\n\ntwo\n\nthree\n\nfo', false).open.map(({ key }) => key);
    const complete = splitter.update('one\n\ntwo\n\nthree\n\nfour', true).closed.map(({ key }) => key);
    expect(growing).toEqual([1, 2, 3]);
    expect(complete).toEqual([0, 1, 2, 3]);
  });

  it('discards the blocks of a text that the next one does not continue', () => {
    const splitter = createBlockSplitter();
    splitter.update('one\n\ntwo\n\nthree', false);
    const { closed } = splitter.update('other', true);
    expect(closed.map(({ token }) => token.raw)).toEqual(['other']);
  });
});

describe('markup that nests thousands of levels deep', () => {
  const LEVELS = 2_000;
  const nested = (open: string, close = '') => `${open.repeat(LEVELS)}x${close.repeat(LEVELS)}`;

  it.each([
    ['quotes', nested('> '), NESTING_MAX],
    ['quotes without spaces', nested('>'), NESTING_MAX],
    ['numbered lists', nested('1) '), NESTING_MAX],
    ['lists in quotes', nested('> - '), NESTING_MAX],
    ['quotes over lines', Array.from({ length: 200 }, (_, level) => `${'>'.repeat(level + 1)} x`).join('\n'), NESTING_MAX],
    ['lists over lines', Array.from({ length: 200 }, (_, level) => `${' '.repeat(2 * level)}- x`).join('\n'), NESTING_MAX],
    ['emphasis', nested('*a ', ' b*'), NESTING_MAX],
    ['strikethrough', nested('~~a ', ' b~~'), NESTING_MAX],
    ['images', nested('![', '](/a)'), NESTING_MAX],
    ['links in emphasis in quotes', `${'> '.repeat(LEVELS)}${nested('[*a ', '*](/a)')}`, 2 * NESTING_MAX],
  ])('keeps %s as text beyond the limit, however the text arrives', (_name, text, depthMax) => {
    const whole = splitBlocks(text).map(({ token }) => token);
    expect(depthOf(whole)).toBeLessThanOrEqual(depthMax);
    expect(whole.map(({ raw }) => raw).join('')).toBe(text);
    expect(plainText(whole).length).toBeLessThan(text.length);
    const splitter = createBlockSplitter();
    for (const end of [3, 64, text.length >> 1]) splitter.update(text.slice(0, end), false);
    const { closed } = splitter.update(text, true);
    expect(treeOf(closed.map(({ token }) => token))).toEqual(treeOf(whole));
  });

  it('leaves the blocks after them and ordinary nesting unchanged', () => {
    const ordinary = `${'> '.repeat(NESTING_MAX)}x\n\n# After`;
    const after = splitBlocks(`${nested('> ')}\n\n${ordinary}`).map(({ token }) => token);
    expect(treeOf(after.slice(1))).toEqual(treeOf(Lexer.lex(ordinary)));
  });
});

/** The number of quotes, lists, emphases, links and the like around the innermost token. */
function depthOf(tokens: readonly Token[]): number {
  return Math.max(
    0,
    ...tokens.map((token) => {
      const inner =
        token.type === 'list'
          ? (token as Tokens.List).items.flatMap((item) => item.tokens)
          : (token as { tokens?: Token[] }).tokens;
      return depthOf(inner ?? []) + (NESTING.has(token.type) ? 1 : 0);
    }),
  );
}

const NESTING: ReadonlySet<string> = new Set(['blockquote', 'list', 'em', 'strong', 'del', 'link', 'image']);

/** The tokens without their position: no blank lines, definitions or raw source. */
function treeOf(tokens: readonly Token[]): unknown {
  return JSON.parse(
    JSON.stringify(
      tokens.filter(({ type }) => type !== 'space' && type !== 'def'),
      (key, value) => (key === 'raw' ? undefined : value),
    ),
  );
}
