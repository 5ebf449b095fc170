import type { MarkdownSection } from '@prodigon/content';
import { describe, expect, it, vi } from 'vitest';
import { buildPassageIndex } from './passage-index.ts';

const section = (text: string, fields: Partial<MarkdownSection> = {}): MarkdownSection => ({
  path: 'a.md',
  pageTitle: '',
  heading: '',
  anchor: '',
  level: 0,
  text,
  terms: '',
  markdown: text,
  linkShare: 0,
  ...fields,
});
const build = (...pages: MarkdownSection[][]) => buildPassageIndex(pages, async () => {});

describe('the index of passages', () => {
  it('finds stems in titles, headings and texts, and knows which are in titles or headings', async () => {
    const index = await build([section('caching tokens', { pageTitle: 'Servers', heading: 'Load balancing' })]);
    expect(['cach', 'token', 'server', 'load', 'balanc', 'queue'].map(index.has)).toEqual([true, true, true, true, true, false]);
    expect(['cach', 'server', 'load'].map(index.isInHeading)).toEqual([false, true, true]);
    expect(index.headings).toEqual([new Set(['load', 'balanc'])]);
    expect([...index.vocabulary].sort()).toEqual(['balancing', 'caching', 'load', 'servers', 'tokens']);
  });

  it('contains sections with links for at most half of their text, and none without content', async () => {
    const code = section('', { markdown: '```sh\nnpm start\n```' });
    const pages = [section('one', { linkShare: 0.5 }), section('two', { linkShare: 0.51 }), section(''), code, section('three')];
    const { sections } = await build(pages);
    expect(sections.map(({ text }) => text)).toEqual(['one', '', 'three']);
  });

  it('identifies sections by their position in scores, and scores headings above titles above texts', async () => {
    const index = await build(
      [section('filler'), section('cache')],
      [section('filler', { pageTitle: 'cache' }), section('filler', { heading: 'cache' })],
    );
    const scores = index.scores('cach');
    expect([...scores.keys()].sort()).toEqual([1, 2, 3]);
    expect(scores.get(3)).toBeGreaterThan(scores.get(2) ?? 0);
    expect(index.scores('cach')).toBe(scores);
    expect(index.scores('missing').size).toBe(0);
  });

  it('rates a stem of no section as 1 and a frequent one near 0', async () => {
    const index = await build([section('cache alpha'), section('cache beta'), section('cache gamma')]);
    expect(index.rarity('missing')).toBe(1);
    expect(index.rarity('alpha')).toBeCloseTo(Math.log(1 + 2.5 / 1.5) / Math.log(1 + 3.5 / 0.5), 10);
    expect(index.rarity('cach')).toBeCloseTo(Math.log(1 + 0.5 / 3.5) / Math.log(1 + 3.5 / 0.5), 10);
  });

  it('finds stems that are next to each other in a heading or text', async () => {
    const index = await build([
      section('A hashing that is consistent.', { heading: 'Man in the middle' }),
      section('Two-phase commit'),
    ]);
    const found = (stems: string[]) => index.hasSequence(` ${stems.join(' ')} `);
    expect(found(['consist', 'hash'])).toBe(false);
    expect(found(['hash', 'that', 'is', 'consist'])).toBe(true);
    expect(found(['man', 'in', 'the', 'middl'])).toBe(true);
    expect(found(['two', 'phase', 'commit'])).toBe(true);
    expect(found(['missing', 'commit'])).toBe(false);
  });

  it('scores a bold term above a word of the text', async () => {
    const index = await build([section('cache one two'), section('cache one two', { terms: 'cache' })]);
    expect(index.scores('cach').get(1)).toBeGreaterThan(index.scores('cach').get(0) ?? 0);
  });

  it('yields to the event loop after about 2,000 characters, also within a page', async () => {
    const yieldToEventLoop = vi.fn(async () => {});
    await buildPassageIndex([Array.from({ length: 40 }, () => section('one '.repeat(100)))], yieldToEventLoop);
    expect(yieldToEventLoop).toHaveBeenCalledTimes(8);
  });
});
