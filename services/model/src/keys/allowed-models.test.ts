import { AppError } from '@prodigon/contracts';
import type { KeyRecord, ModelProvider } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import { REQUEST, setUpModelService, USAGE } from '../model-service.test-support.ts';
import { createBudgetStoreFake, directoryOf, keyOf } from './keys.test-support.ts';

type SetUpArguments = Parameters<typeof setUpModelService>;

function setUp(keys: readonly KeyRecord[], overrides: SetUpArguments[0] = {}, dependencies: SetUpArguments[1] = {}) {
  const { store } = createBudgetStoreFake();
  const service = setUpModelService(overrides, { keys: { directory: directoryOf(...keys), budgets: store }, ...dependencies });
  return { ...service, context: { ...service.context, principal: { id: 'ada', keyId: 'key' } } };
}

describe('allowed models of a key', () => {
  it.each([['large'], ['big'], ['old']])('include the model that the key names as %s, under all its names', async (name) => {
    const { client, context } = setUp([keyOf({ models: [name] })]);
    for (const model of ['large', 'big', 'old', 'large?seed=1'])
      expect(await client.complete({ ...REQUEST, model }, context)).toMatchObject({ model: 'large' });
  });

  it('refuse any other model by name, whatever the call', async () => {
    const { client, context, requests, recorded } = setUp([keyOf({ models: ['small'] })]);
    const forbidden = { code: 'FORBIDDEN', status: 403, message: expect.stringContaining('may not use the model "large"') };
    await expect(client.complete({ ...REQUEST, model: 'big' }, context)).rejects.toMatchObject(forbidden);
    await expect(client.stream(REQUEST, context, { format: 'chunks', generationId: 'gen' })).rejects.toMatchObject(forbidden);
    await expect(client.embed({ model: 'large', input: 'a', encoding_format: 'float' }, context)).rejects.toMatchObject(
      forbidden,
    );
    expect(requests).toEqual([]);
    expect(await recorded()).toEqual([]);
  });

  it('must include the model of the parent as well', async () => {
    const { client, context } = setUp([
      keyOf({ parentId: 'team', models: ['large', 'small'] }),
      keyOf({ id: 'team', models: ['small'] }),
    ]);
    await expect(client.complete(REQUEST, context)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await client.complete({ ...REQUEST, model: 'small' }, context)).toMatchObject({ model: 'small' });
  });

  it('exclude fallbacks', async () => {
    const complete: ModelProvider['complete'] = async ({ model }) => {
      if (model === 'large') throw new AppError('QUOTA_EXHAUSTED');
      return { text: 'a', finish: 'stop', usage: USAGE };
    };
    const fallback = { fallbackModel: 'small' };
    const restricted = setUp([keyOf({ models: ['large'] })], { complete }, fallback);
    await expect(restricted.client.complete(REQUEST, restricted.context)).rejects.toMatchObject({ code: 'QUOTA_EXHAUSTED' });
    const both = setUp([keyOf({ models: ['large', 'small'] })], { complete }, fallback);
    expect(await both.client.complete(REQUEST, both.context)).toMatchObject({ model: 'small' });
  });

  it('are the only ones in the list of models', async () => {
    const { client, context } = setUp([keyOf({ models: ['small'] })], {}, { fallbackModel: 'large', defaultModel: 'large' });
    const list = await client.models(context);
    expect(list).toMatchObject({
      default_model: null,
      models: [{ id: 'small', fallbacks: [] }],
      retired: [],
      allowed_ids: ['small'],
    });
    expect(list.models).toHaveLength(1);
    const all = await client.models({ ...context, principal: { id: 'ada' } });
    expect([all.models.length, all.default_model, all.retired.length, 'allowed_ids' in all]).toEqual([2, 'large', 1, false]);
  });
});

describe('a key that is no longer valid', () => {
  it('is refused, as for an item of a job that it submitted', async () => {
    const { client, context, recorded } = setUp([]);
    const forbidden = { code: 'FORBIDDEN', message: 'The API key was revoked or has expired.', retryable: false };
    await expect(client.complete(REQUEST, context)).rejects.toMatchObject(forbidden);
    await expect(client.models(context)).rejects.toMatchObject(forbidden);
    expect(await recorded()).toEqual([]);
  });

  it('fails without a database, which alone knows whether a key is valid', async () => {
    const { client, context } = setUp([], {}, { keys: undefined });
    await expect(client.complete(REQUEST, context)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(await client.complete(REQUEST, { ...context, principal: { id: 'ops', keyId: 'environment:ops' } })).toBeDefined();
  });
});
