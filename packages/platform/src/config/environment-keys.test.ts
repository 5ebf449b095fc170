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
  [[`=${VALUE}`], 'invalid name ""'],
  [[`a/b=${VALUE}`], 'invalid name "a/b"'],
  [[`ada =${VALUE}`], 'invalid name "ada "'],
  [[`\uFF41da=${VALUE}`], 'invalid name "\uFF41da"'],
  [[`ada:root=${VALUE}`], 'gives "ada" the role "root": use admin or member'],
  [[`ada=${VALUE}`, `ada:admin=${VALUE}-2`], 'the name "ada" more than once'],
  [[`ada=${VALUE}`, VALUE], 'a key more than once'],
  [['ada=short'], 'fewer than 16 characters'],
  [['ada=your-key-goes-here'], 'a placeholder'],
])('reports the problem of %j without the key', (items, problem) => {
  const problems = findKeyProblems(items.map(parseEnvironmentKey));
  expect(problems).toEqual([expect.stringContaining(problem)]);
  expect(problems.join()).not.toContain(VALUE);
});
