import { expect, it } from 'vitest';
import { templateVariables } from './templates.ts';

it('finds variables with spaces and defaults, once each', () => {
  expect(templateVariables('{{ topic }}, {{language = Dutch}}, {{topic=tea}}')).toEqual([
    { name: 'topic', defaultValue: 'tea' },
    { name: 'language', defaultValue: ' Dutch' },
  ]);
});

it('reads a template of spaces without backtracking through all of them', () => {
  // Takes minutes with unbounded spaces.
  expect(templateVariables(`{{ ${' '.repeat(99_000)}`)).toEqual([]);
});
