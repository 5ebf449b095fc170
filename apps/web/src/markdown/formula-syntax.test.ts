import type { Token, Tokens } from 'marked';
import { describe, expect, it } from 'vitest';
import { createBlockSplitter, splitBlocks } from './block-splitter.ts';
import { formulaAt } from './formula-syntax.ts';
import type { FormulaToken } from './formula-tokens.ts';

const tokensOf = (text: string) => splitBlocks(text).map(({ token }) => token);

/** The formulas of a text in their order, display formulas in brackets. */
function formulasOf(text: string): string[] {
  return inlineTokensOf(tokensOf(text))
    .filter((token): token is FormulaToken => token.type === 'formula')
    .map(({ tex, isDisplay }) => (isDisplay ? `[${tex.trim()}]` : tex));
}

function inlineTokensOf(tokens: readonly Token[]): (Token | FormulaToken)[] {
  return tokens.flatMap((token) => {
    if (token.type === 'list') return (token as Tokens.List).items.flatMap((item) => inlineTokensOf(item.tokens));
    if (token.type === 'table') return [...(token as Tokens.Table).rows.flat().flatMap((cell) => inlineTokensOf(cell.tokens))];
    return 'tokens' in token && token.tokens ? inlineTokensOf(token.tokens) : [token];
  });
}

describe('formulas', () => {
  it.each([
    [String.raw`the energy \(E_a * b_c * d\) and \[x_1 \\ y_2\]`, ['E_a * b_c * d', String.raw`[x_1 \\ y_2]`]],
    ['costs $$a_1 *b* c$$ here', ['[a_1 *b* c]']],
    ['$$\nE = mc^2\n$$', ['[E = mc^2]']],
    [
      'Here:\n$$\n\\begin{aligned}\na &= b\n\n- c\n\n# d\n\\end{aligned}\n$$\nafter',
      ['[\\begin{aligned}\na &= b\n\n- c\n\n# d\n\\end{aligned}]'],
    ],
    ['\\[\na\n= b\n- c\n---\n\\]', ['[a\n= b\n- c\n---]']],
    ['\\[\na\n\n---\n\nb\n\\]', ['[a\n\n---\n\nb]']],
    ['- first\n  $$\n  a\n  - b\n  $$\n- $x$', ['[a\n- b]', 'x']],
    ['> $$x^2$$', ['[x^2]']],
    ['| a | b |\n|---|---|\n| $x$ | \\(y\\) |', ['x', 'y']],
    ['**bold $a_b$ and $c_d$**', ['a_b', 'c_d']],
    ['*note: $a*b$ done*', ['a*b']],
    ['_a $b_c$ d_', ['b_c']],
  ])('are found in %j', (text, formulas) => {
    expect(formulasOf(text)).toEqual(formulas);
  });

  it.each([
    'x',
    'n',
    'f(x)',
    'a + b',
    '-x',
    '(a,b)',
    String.raw`\alpha`,
    'x^2',
    'a_1',
    '2x + 3',
    '2 + 2 = 4',
    'k < n',
    'O(n \\log n)',
    'p',
    'AB',
    'i = 1, 2',
    String.raw`\text{cost} = \$5`,
  ])('may be in single dollars: $%s$', (tex) => {
    expect(formulasOf(`Let $${tex}$, then`)).toEqual([tex]);
  });

  it.each([
    'It costs $5 and $10.',
    'from $5 to $10, or $20',
    'a $5-$10 range, ($5) or ($6)',
    '**$5** and **$6**',
    '$1,000 vs. $2,000 and US$5 or A$6',
    '$5M–$6M, 5$ or 6$, 50$/month or 60$/year',
    'set $HOME/$USER and $PATH',
    'echo $HOME$',
    'PHP has $a=$b; and $foo.bar($baz)',
    'pay $5, or 6$ more',
    'a range of $10-20$',
    'between $ and $ there is nothing',
    '$x = 5 and y costs $3',
    'The PID is $$ and $$',
    '$$ is the PID of the shell and $$ is it again',
    String.raw`an escaped \$x\$`,
    String.raw`an unclosed \( stays`,
    String.raw`see \[1\] and \[a link\](here)`,
    String.raw`use \(group\) in sed`,
    String.raw`C:\\Users\\me costs 20~25`,
    '$速度$',
    '`$x$` and `\\(y\\)`',
    '```\n$$\nx\n$$\n```',
    '    $$x$$',
  ])('are not found in %j', (text) => {
    expect(formulasOf(text)).toEqual([]);
  });

  it('are text if they are longer than a page', () => {
    expect(formulaAt(`\\(${'x+'.repeat(999)}\\)`)?.isDisplay).toBe(false);
    expect(formulaAt(`\\(${'x+'.repeat(1_001)}\\)`)).toBeUndefined();
    expect(formulasOf(`$$\n${'a + b\n\n'.repeat(300)}$$`)).toEqual([]);
  });

  it('leave the text around an unclosed delimiter as it is', () => {
    const types = tokensOf('$$\nx\n\n# Heading\n\n- item').map(({ type }) => type);
    expect(types).toEqual(['paragraph', 'heading', 'list']);
  });
});

describe('a stream with formulas', () => {
  const text = String.raw`Before:
\[
a
- b
---
# c
\]

after $x$ and $5 or $6
$$
\begin{aligned}

1) x

> y

| a | b |
|---|---|

z
\end{aligned}
$$
- list \(a
+ b\)

  $$
  c

  - d
  $$
- more $$e$$

$$
unclosed

one

two

three

four \(x`;

  const treeOf = (tokens: readonly Token[]) => JSON.stringify(tokens.filter(({ type }) => type !== 'space' && type !== 'def'));
  const whole = treeOf(tokensOf(text));

  it('has the same blocks for every split into two parts', () => {
    for (let cut = 0; cut <= text.length; cut += 1) {
      const splitter = createBlockSplitter();
      splitter.update(text.slice(0, cut), false);
      splitter.update(text, false);
      const tree = treeOf(splitter.update(text, true).closed.map(({ token }) => token));
      if (tree !== whole) expect(JSON.parse(tree), `cut at ${cut}`).toEqual(JSON.parse(whole));
    }
  });

  it.each([1, 3, 8])('has the same blocks when it arrives %i characters at a time', (size) => {
    const splitter = createBlockSplitter();
    for (let end = size; end < text.length; end += size) splitter.update(text.slice(0, end), false);
    const tree = treeOf(splitter.update(text, true).closed.map(({ token }) => token));
    if (tree !== whole) expect(JSON.parse(tree)).toEqual(JSON.parse(whole));
  });

  it('has the same blocks for random documents of delimiters, lines and markup', () => {
    const pieces = [
      '$$',
      '\\[',
      '\\]',
      '\n',
      '\n\n',
      '$',
      'x',
      ' ',
      '- ',
      '# ',
      '> ',
      '`',
      '```',
      '*',
      '_',
      '\\(',
      '\\)',
      '=',
      '---',
      '| a |',
      '1) ',
    ];
    let seed = 1;
    const random = (max: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % max;
    };
    for (let document = 0; document < 300; document += 1) {
      const source = Array.from({ length: 1 + random(40) }, () => pieces[random(pieces.length)]).join('');
      const splitter = createBlockSplitter();
      for (let end = 1 + random(4); end < source.length; end += 1 + random(4)) splitter.update(source.slice(0, end), false);
      const tree = treeOf(splitter.update(source, true).closed.map(({ token }) => token));
      const expected = treeOf(tokensOf(source));
      if (tree !== expected) expect(JSON.parse(tree), JSON.stringify(source)).toEqual(JSON.parse(expected));
    }
  });

  it('closes blocks while a formula of several paragraphs is not closed for long', () => {
    const splitter = createBlockSplitter();
    expect(splitter.update(`$$\nx\n\n${'y\n\n'.repeat(100)}`, false).closed).toHaveLength(0);
    expect(splitter.update(`$$\nx\n\n${'y\n\n'.repeat(1_000)}`, false).closed.length).toBeGreaterThan(300);
  });
});
