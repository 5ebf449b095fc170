import { createSimulatorProvider } from '@prodigon/model-providers';
import type { ModelProvider, ProviderRegistration } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import { startPlatform } from '../gateway-harness.test-support.ts';

const MODELS = ['current', 'plain'];

/** Starts the gateway over a provider that lists two models, and returns a function that gets a path of `/v1/models`. */
async function start(registration: Omit<ProviderRegistration, 'endpoints'>) {
  const endpoint: ModelProvider = {
    ...createSimulatorProvider(),
    name: 'groq',
    offline: false,
    models: async () => MODELS.map((id) => ({ id })),
  };
  const { url } = await startPlatform({ topology: 'in one process', providers: [{ ...registration, endpoints: [endpoint] }] });
  return async (path = '') => {
    const response = await fetch(`${url}/v1/models${path}`);
    return { status: response.status, body: await response.json() };
  };
}

const described = (id: string, others = {}) => ({ id, object: 'model', created: 0, owned_by: 'groq', ...others });

describe('GET /v1/models', () => {
  it('lists models with their limits, then aliases, then retired ids', async () => {
    const get = await start({
      models: { current: { aliases: ['latest'], contextTokens: 1_000, outputTokensMax: 100 }, plain: {} },
      retired: { gone: { on: '2020-01-01', use: 'current' } },
    });
    const limits = { context_window: 1_000, max_completion_tokens: 100 };
    expect((await get()).body).toEqual({
      object: 'list',
      data: [
        described('current', limits),
        described('plain'),
        described('latest', { ...limits, alias_of: 'current' }),
        described('gone', { alias_of: 'current', retires_on: '2020-01-01' }),
      ],
    });
  });

  it('lists a model that retires in the future once, with its date', async () => {
    const get = await start({ models: { current: {}, plain: {} }, retired: { plain: { on: '9999-01-01', use: 'current' } } });
    expect((await get()).body.data).toEqual([described('current'), described('plain', { retires_on: '9999-01-01' })]);
  });
});

describe('GET /v1/models/{id}', () => {
  it('returns one model, also by its alias', async () => {
    const get = await start({ models: { current: { aliases: ['team/latest'] } } });
    expect(await get('/current')).toEqual({ status: 200, body: described('current') });
    expect(await get('/team/latest')).toEqual({ status: 200, body: described('team/latest', { alias_of: 'current' }) });
  });

  it('returns a model with its parameters, as requests accept it', async () => {
    const get = await start({ models: { current: {} } });
    expect(await get('/current%3Ftokens%3D5')).toEqual({ status: 200, body: described('current?tokens=5') });
    expect((await get('/unheard-of%3Ftokens%3D5')).status).toBe(404);
  });

  it('returns 404 for an unknown model', async () => {
    const get = await start({ models: { current: {} } });
    expect(await get('/unheard-of')).toMatchObject({ status: 404, body: { error: { code: 'model_not_found' } } });
  });
});
