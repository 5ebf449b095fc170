import { Lexer, type Token } from 'marked';
import { describe, expect, it } from 'vitest';
import { createBlockSplitter } from './block-splitter.ts';

const NASTY = `# Setext and friends
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
  const whole = treeOf(Lexer.lex(NASTY));

  it('returns the blocks of the whole text wherever it is cut in two', () => {
    for (let cut = 0; cut <= NASTY.length; cut += 1) {
      const splitter = createBlockSplitter();
      splitter.update(NASTY.slice(0, cut), false);
      splitter.update(NASTY, false);
      const { settled, open } = splitter.update(NASTY, true);
      expect(treeOf(settled.map(({ token }) => token)), `cut at ${cut}`).toEqual(whole);
      expect(open).toEqual([]);
    }
  });

  it.each([1, 2, 3, 5, 8, 13])('returns the blocks of the whole text when it arrives %i characters at a time', (size) => {
    const splitter = createBlockSplitter();
    for (let end = size; end < NASTY.length; end += size) splitter.update(NASTY.slice(0, end), false);
    expect(treeOf(splitter.update(NASTY, true).settled.map(({ token }) => token))).toEqual(whole);
  });

  it('keeps settled blocks as the same objects while the text grows', () => {
    const splitter = createBlockSplitter();
    const first = splitter.update('one\n\ntwo\n\nthree\n\nfour\n\nfive', false);
    const later = splitter.update('one\n\ntwo\n\nthree\n\nfour\n\nfive and more\n\nsix', false);
    expect(first.settled).toHaveLength(2);
    expect(later.settled.slice(0, 2)).toEqual(first.settled);
    expect(later.settled[0]?.token).toBe(first.settled[0]?.token);
    expect(later.settled[1]?.token).toBe(first.settled[1]?.token);
  });

  it('keeps the key of a block that settles', () => {
    const splitter = createBlockSplitter();
    const growing = splitter.update('one\n\ntwo\n\nthree\n\nfo', false).open.map(({ key }) => key);
    const complete = splitter.update('one\n\ntwo\n\nthree\n\nfour', true).settled.map(({ key }) => key);
    expect(growing).toEqual([1, 2, 3]);
    expect(complete).toEqual([0, 1, 2, 3]);
  });

  it('starts over for a text that does not continue the previous one', () => {
    const splitter = createBlockSplitter();
    splitter.update('one\n\ntwo\n\nthree', false);
    const { settled } = splitter.update('other', true);
    expect(settled.map(({ token }) => token.raw)).toEqual(['other']);
  });
});

/** The tokens without their position: no blank lines, definitions or raw source. */
function treeOf(tokens: readonly Token[]): unknown {
  return JSON.parse(
    JSON.stringify(
      tokens.filter(({ type }) => type !== 'space' && type !== 'def'),
      (key, value) => (key === 'raw' ? undefined : value),
    ),
  );
}
