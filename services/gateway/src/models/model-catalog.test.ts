import type { ModelList } from '@prodigon/contracts';
import type { CallContext, ModelClient } from '@prodigon/ports';
import { expect, it } from 'vitest';
import { createModelCatalog } from './model-catalog.ts';

const contextOf = (keyId?: string) => ({ principal: { id: 'ada', keyId } }) as CallContext;
const context = contextOf();

function start(overrides: Partial<ModelList> = {}) {
  let now = Date.parse('2026-03-10T12:00:00Z');
  let lists = 0;
  const list = {
    default_model: 'small',
    models: [{ id: 'small', aliases: ['tiny'], offline: true }],
    retired: [{ id: 'old', provider: 'p', on: '2026-01-01', use: 'small' }],
    accepts_other_ids: false,
    problems: [],
    ...overrides,
  } as unknown as ModelList;
  const model: Partial<ModelClient> = {
    async models({ principal: { keyId } }) {
      lists += 1;
      return keyId === undefined ? list : { ...list, default_model: null, allowed_ids: [keyId] };
    },
  };
  const catalog = createModelCatalog({ model: model as ModelClient, now: () => now });
  function pass(ms: number): void {
    now += ms;
  }
  return { catalog, lists: () => lists, pass };
}

it('queries the model service for every list', async () => {
  const { catalog, lists } = start();
  await catalog.list(context);
  await catalog.list(context);
  expect(lists()).toBe(2);
});

it('resolves ids from a list that it caches for five seconds', async () => {
  const { catalog, lists, pass } = start();
  await catalog.resolve('small', context);
  pass(4_999);
  await catalog.resolve('small', context);
  expect(lists()).toBe(1);
  pass(1);
  await catalog.resolve('small', context);
  expect(lists()).toBe(2);
});

it.each([
  [undefined, 'small', 'small', null],
  ['small?seed=1', 'small', 'small?seed=1', null],
  ['tiny', 'small', 'small', null],
  ['old', 'small', 'small', expect.stringContaining('old was retired on 2026-01-01')],
])('resolves %s to its ids and its warning', async (requested, id, model, warning) => {
  expect(await start().catalog.resolve(requested, context)).toMatchObject({ id, model, isOffline: true, warning });
});

it('rejects an unknown id unless a provider accepts other ids or cannot list its models', async () => {
  await expect(start().catalog.resolve('unheard-of', context)).rejects.toMatchObject({ code: 'UNKNOWN_MODEL' });
  const problems = [{ provider: 'p', message: 'It is down.' }];
  for (const overrides of [{ accepts_other_ids: true }, { problems }]) {
    expect(await start(overrides).catalog.resolve('unheard-of', context)).toMatchObject({ id: 'unheard-of', isOffline: false });
  }
});

it('applies the list of each key only to that key', async () => {
  const { catalog, lists } = start();
  await catalog.resolve('small', context);
  const forbidden = { code: 'FORBIDDEN', message: expect.stringContaining('may not use the model "small"') };
  for (const keyId of ['large', 'large', 'other'])
    await expect(catalog.resolve('small', contextOf(keyId))).rejects.toMatchObject(forbidden);
  await catalog.resolve('small', contextOf('small'));
  await catalog.resolve('small', context);
  expect(lists()).toBe(4);
  expect([catalog.lastDefault(context), catalog.lastDefault(contextOf('large'))]).toEqual(['small', null]);
});

it('keeps the lists of a limited number of keys', async () => {
  const { catalog } = start();
  await catalog.list(context);
  for (let index = 0; index < 1_000; index += 1) await catalog.list(contextOf(`${index}`));
  expect(catalog.lastDefault(context)).toBeNull();
});

it('reports the default model of the last list', async () => {
  const { catalog } = start();
  expect(catalog.lastDefault(context)).toBeNull();
  await catalog.list(context);
  expect(catalog.lastDefault(context)).toBe('small');
  await expect(start({ default_model: null }).catalog.resolve(undefined, context)).rejects.toMatchObject({ status: 503 });
});
