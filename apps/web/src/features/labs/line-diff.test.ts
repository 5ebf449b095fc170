import { expect, it } from 'vitest';
import { type DiffLine, diffLines, toHunks } from './line-diff.ts';

const shown = (lines: readonly DiffLine[]) =>
  lines.map(({ kind, text }) => `${{ same: ' ', added: '+', removed: '-' }[kind]}${text}`);

it('shows changed lines as removed and then added, between the lines that stay', () => {
  const lines = diffLines('a\nb\nc\nd\n', 'a\nB\nc\nx\nd\n');
  expect(shown(lines)).toEqual([' a', '-b', '+B', ' c', '+x', ' d']);
  expect(lines.at(-1)).toMatchObject({ before: 4, after: 5 });
});

it.each([
  ['', 'a\n', ['+a']],
  ['a\n', '', ['-a']],
  ['a', 'a\n', [' a']],
  ['a\na\n', 'a\n', [' a', '-a']],
  ['', '', []],
])('compares %j with %j', (before, after, expected) => {
  expect(shown(diffLines(before, after))).toEqual(expected);
});

it('restores both texts from any diff', () => {
  let seed = 7;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const text = () => Array.from({ length: Math.floor(random() * 12) }, () => 'abc'[Math.floor(random() * 3)]);
  for (let round = 0; round < 300; round += 1) {
    const [before, after] = [text(), text()];
    const lines = diffLines(before.join('\n'), after.join('\n'));
    expect(lines.filter(({ kind }) => kind !== 'added').map(({ text }) => text)).toEqual(before);
    expect(lines.filter(({ kind }) => kind !== 'removed').map(({ text }) => text)).toEqual(after);
  }
});

it('groups changes with three lines of context, without repeating a line', () => {
  const before = Array.from({ length: 30 }, (_, index) => `line ${index}`);
  const after = before.with(5, 'five').with(8, 'eight').with(25, 'twenty-five');
  const hunks = toHunks(diffLines(before.join('\n'), after.join('\n')));
  expect(hunks.map((hunk) => [hunk.at(0)?.before, hunk.at(-1)?.before, hunk.length])).toEqual([
    [3, 12, 12],
    [23, 29, 8],
  ]);
  expect(toHunks(diffLines('a\n', 'a\n'))).toEqual([]);
});
