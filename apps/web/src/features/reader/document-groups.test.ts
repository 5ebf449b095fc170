import { expect, it } from 'vitest';
import { filterGroups, groupDocuments, placeOf } from './document-groups.ts';

const GROUPS = groupDocuments(
  [
    'README.md',
    'docs/architecture/api-reference.md',
    'docs/architecture/getting-started.md',
    'docs/decisions/0001-node.md',
    'docs/guide/01-rest.md',
    'docs/guide/README.md',
    'bench/results/chat.md',
  ].map((path) => ({ path, title: `Title of ${path.split('/').at(-1)}` })),
);
const shown = (groups: typeof GROUPS) => groups.map(({ title, entries }) => [title, ...entries.map(({ path }) => path)]);

it('lists the start and the guide first, and reference material closed', () => {
  expect(shown(GROUPS)).toEqual([
    ['Start', 'README.md', 'docs/architecture/getting-started.md'],
    ['Guide', 'docs/guide/README.md', 'docs/guide/01-rest.md'],
    ['Architecture', 'docs/architecture/api-reference.md'],
    ['Decisions', 'docs/decisions/0001-node.md'],
    ['bench/results', 'bench/results/chat.md'],
  ]);
  expect(GROUPS.map(({ isCollapsed }) => isCollapsed)).toEqual([false, false, false, true, true]);
});

it('filters by every word and opens the groups that match', () => {
  const found = filterGroups(GROUPS, 'decisions NODE');
  expect(shown(found)).toEqual([['Decisions', 'docs/decisions/0001-node.md']]);
  expect(found[0]?.isCollapsed).toBe(false);
  expect(filterGroups(GROUPS, ' ')).toEqual(GROUPS);
});

it('finds the neighbors of a document across groups', () => {
  expect(placeOf('docs/guide/01-rest.md', GROUPS)).toMatchObject({
    group: { title: 'Guide' },
    previous: { path: 'docs/guide/README.md' },
    next: { path: 'docs/architecture/api-reference.md' },
  });
  expect(placeOf('README.md', GROUPS)?.previous).toBeUndefined();
  expect(placeOf('unlisted.md', GROUPS)).toBeUndefined();
});
