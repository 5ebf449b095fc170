import { expect, it } from 'vitest';
import { splitBlocks } from '../../markdown/block-splitter.ts';
import { createOutline } from './outline.ts';

const outlineOf = (text: string) => createOutline(splitBlocks(text)).entries;

it('decodes HTML entities before it creates the anchor of a heading', () => {
  expect(outlineOf('## From A &rarr; B &amp; &#67;')).toEqual([{ id: 'from-a--b--c', text: 'From A → B & C', depth: 2 }]);
});

it('lists headings in order, including those in lists and quotes, and numbers repeated ones', () => {
  const entries = outlineOf('# One\n\n- item\n\n  ### In a list\n\n> ## In a *quote*\n\n# One');
  expect(entries.map(({ id, depth }) => [id, depth])).toEqual([
    ['one', 1],
    ['in-a-list', 3],
    ['in-a-quote', 2],
    ['one-1', 1],
  ]);
});

it('returns the id of a heading token', () => {
  const blocks = splitBlocks('# One\n\ntext\n\n# Two');
  const { idOf } = createOutline(blocks);
  const headings = blocks.map(({ token }) => token).filter(({ type }) => type === 'heading');
  expect(headings.map((heading) => idOf(heading as Parameters<typeof idOf>[0]))).toEqual(['one', 'two']);
});
