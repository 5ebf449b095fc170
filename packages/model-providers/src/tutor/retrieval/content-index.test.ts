import type { ContentStore } from '@prodigon/ports';
import { expect, test } from 'vitest';
import { createContentIndex } from './content-index.ts';

function memoryStore(pages: Record<string, string>) {
  const counts = { listed: 0 };
  const content: ContentStore = {
    list: async () => {
      counts.listed += 1;
      return Object.keys(pages).map((path) => ({ path, title: path }));
    },
    read: async (path) => {
      const markdown = pages[path];
      if (markdown === undefined || markdown === 'unreadable') throw new Error('cannot be read');
      return markdown;
    },
    readAsset: () => Promise.reject(new Error('not used')),
    readSource: () => Promise.reject(new Error('not used')),
  };
  return { content, counts };
}

test('builds the index once for concurrent calls and checks for changes only after recheckAfterMs', async () => {
  const { content, counts } = memoryStore({ 'a.md': '# A\n\nalpha\n' });
  let time = 0;
  const current = createContentIndex({ content, now: () => time, recheckAfterMs: 3000 });
  const [first, second] = await Promise.all([current(), current()]);
  expect(second).toBe(first);
  time = 2999;
  expect(await current()).toBe(first);
  expect(counts.listed).toBe(1);
  time = 3000;
  expect(await current()).toBe(first);
  expect(counts.listed).toBe(2);
});

test('indexes pages that were edited or added, and drops removed ones', async () => {
  const pages: Record<string, string> = { 'a.md': '# A\n\nalpha\n', 'b.md': '# B\n\nbeta\n' };
  let time = 0;
  const current = createContentIndex({ content: memoryStore(pages).content, now: () => time, recheckAfterMs: 1 });
  expect((await current()).index.has('beta')).toBe(true);
  pages['a.md'] = '# A\n\ngamma\n';
  delete pages['b.md'];
  pages['c.md'] = '# C\n\ndelta\n';
  time = 1;
  const { index, pages: listed } = await current();
  expect(['alpha', 'beta', 'gamma', 'delta'].map((stem) => index.has(stem))).toEqual([false, false, true, true]);
  expect(listed.map(({ path }) => path)).toEqual(['a.md', 'c.md']);
});

test('omits a page that cannot be read or is too long', async () => {
  const { content } = memoryStore({ 'a.md': 'alpha', 'b.md': 'unreadable', 'c.md': 'gamma '.repeat(100_000) });
  const { index } = await createContentIndex({ content, now: () => 0 })();
  expect(index.sections.map(({ path }) => path)).toEqual(['a.md']);
});

test('yields to the event loop between pages', async () => {
  const { content } = memoryStore({ 'a.md': 'alpha', 'b.md': 'beta', 'c.md': 'gamma' });
  let yields = 0;
  const yieldToEventLoop = async () => {
    yields += 1;
  };
  await createContentIndex({ content, now: () => 0, yieldToEventLoop })();
  expect(yields).toBeGreaterThanOrEqual(3);
});

test('neither searches nor suggests pages for contributors and examples', async () => {
  const paths = ['README.md', 'CONTRIBUTING.md', 'docs/contributing/testing.md', 'docs/examples/a.md', 'docs/example.md'];
  const { content } = memoryStore(Object.fromEntries(paths.map((path) => [path, 'text'])));
  const { index, pages } = await createContentIndex({ content, now: () => 0 })();
  const searched = ['README.md', 'docs/example.md'];
  expect([index.sections.map(({ path }) => path), pages.map(({ path }) => path)]).toEqual([searched, searched]);
});
