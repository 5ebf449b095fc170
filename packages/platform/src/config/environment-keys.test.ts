import { expect, it } from 'vitest';
import { findKeyProblems, parseEnvironmentKey } from './environment-keys.ts';

const VALUE = 'key-of-sixteen-or-more';

it.each([
  [`ada=${VALUE}`, { name: 'ada', role: 'member', value: VALUE }],
  [`ada:admin=${VALUE}`, { name: 'ada', role: 'admin', value: VALUE }],
  [VALUE, { name: null, role: 'member', value: VALUE }],
  ['c2l4dGVlbi1vci1tb3Jl==', { name: null, role: 'member', value: 'c2l4dGVlbi1vci1tb3Jl==' }],
  ['ada=c2l4dGVlbi1vci1tb3Jl==', { name: 'ada', role: 'member', value: 'c2l4dGVlbi1vci1tb3Jl==' }],
])('parses %s', (item, key) => {
  expect(parseEnvironmentKey(item)).toEqual(key);
  expect(findKeyProblems([parseEnvironmentKey(item)])).toEqual([]);
});

it.each([
  [[`=${VALUE}`], 'Item 1 of API_KEYS has an invalid name'],
  [[`ada=${VALUE}-2`, `a/b=${VALUE}`], 'Item 2 of API_KEYS has an invalid name'],
  [[`ada =${VALUE}`], 'an invalid name'],
  [[`\uFF41da=${VALUE}`], 'an invalid name'],
  [[`${VALUE}/x=administrator-of-ops`], 'an invalid name'],
  [['keyofsixteen0ormorecharacters=administrator-of-ops'], 'a name that looks like a key'],
  [['prodigon_key-of-sixteen=administrator-of-ops'], 'a name that looks like a key'],
  [[`ada:${VALUE}=administrator-of-ops`], 'an invalid role: use admin or member'],
  [[`ada:${VALUE}`], 'a colon, but no name'],
  [[`ada=${VALUE};eve=${VALUE}`], 'several items'],
  [[`ada=${VALUE}\neve`], 'white space'],
  [[`ada=${VALUE}`, `ada:admin=${VALUE}-2`], 'Item 2 of API_KEYS has the name of another item'],
  [[`ada=${VALUE}`, VALUE], 'Item 2 of API_KEYS has the key of another item'],
  [['ada=short'], 'fewer than 16 characters'],
  [['ada=your-key-goes-here'], 'a placeholder'],
])('reports the problem of %j without the key', (items, problem) => {
  const problems = findKeyProblems(items.map(parseEnvironmentKey));
  expect(problems).toEqual([expect.stringContaining(problem)]);
  expect(problems.join()).not.toContain(VALUE);
});
