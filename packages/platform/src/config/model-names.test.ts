import { expect, it } from 'vitest';
import { checkModelNames } from './model-names.ts';
import { modelsFileSchema } from './models-file-schema.ts';

const check = (acme: object, others: object = {}) =>
  checkModelNames(
    modelsFileSchema.parse({ providers: { acme: { base_url: 'https://acme.example', ...acme }, ...others } }),
    (field, message) => `${field.slice(2).join('.')}: ${message}`,
  );
const problem = (...problems: string[]) => ({ problems, warnings: [] });
const NOTHING = problem();

it.each([
  [
    'an alias that is the id of another model',
    { large: { aliases: ['small'] }, small: {} },
    'small is already the id of a model',
  ],
  ['an alias that is its own id', { large: { aliases: ['large'] } }, 'large is already the id of a model'],
])('rejects %s', (_case, models, message) => {
  expect(check({ models })).toEqual(problem(`models.large.aliases: ${message}`));
});

it('rejects an alias of two models, and an alias in a list twice', () => {
  const models = { large: { aliases: ['big'] }, small: { aliases: ['tiny', 'big', 'tiny'] } };
  expect(check({ models })).toEqual(
    problem('models.small.aliases: big is already an alias of large', 'models.small.aliases: tiny is already an alias of small'),
  );
});

it('rejects a fallback to the model itself, by its id or its alias, and a fallback in a list twice', () => {
  const models = { large: { aliases: ['big'], fallbacks: ['large', 'big', 'small', 'small'] }, small: {} };
  expect(check({ models })).toEqual(
    problem(
      'models.large.fallbacks: large is the model itself',
      'models.large.fallbacks: big is the model itself',
      'models.large.fallbacks: small is in the list twice',
    ),
  );
});

it('rejects retired models that replace each other, once for each circle', () => {
  const on = '2026-01-01';
  const retired = { a: { on, use: 'b' }, b: { on, use: 'c' }, c: { on, use: 'b' }, d: { on, use: 'd' }, e: { on, use: 'a' } };
  expect(check({ retired })).toEqual(
    problem(
      'retired.b.use: retired models replace each other: b, c, b',
      'retired.d.use: retired models replace each other: d, d',
    ),
  );
});

it('warns about a name with a typo, because only the provider knows all of its models', () => {
  const models = { 'llama-large': { fallbacks: ['llama-smal', 'another-model'] }, 'llama-small': {} };
  expect(check({ models, default_model: 'lama-large', retired: { old: { on: '2026-01-01', use: 'llama-large' } } })).toEqual({
    problems: [],
    warnings: [
      'default_model: lama-large is not in the file. Did you mean llama-large?',
      'models.llama-large.fallbacks: llama-smal is not in the file. Did you mean llama-small?',
    ],
  });
});

it('accepts two models that replace each other after a failure, and the names of another provider', () => {
  const models = { large: { fallbacks: ['small', 'other-model'] }, small: { fallbacks: ['large'], aliases: ['tiny'] } };
  const other = { base_url: 'https://other.example', models: { 'other-model': { aliases: ['tiny'] }, large: {} } };
  expect(check({ models }, { other })).toEqual(NOTHING);
});
