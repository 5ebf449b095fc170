import { AppError } from '@prodigon/contracts';
import { createLogger } from '@prodigon/platform';
import type { ModelProvider, ProviderRegistration } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import { createModelCatalog, type ModelCatalog } from './model-catalog.ts';

const healthOf = () => ({
  state: 'unknown' as const,
  breaker: 'closed' as const,
  succeeded: 0,
  failed: 0,
  ttft_p50_ms: null,
  last_error: null,
  retry_after_s: null,
});
const logger = createLogger({ service: 'test', level: 'silent', secrets: [] });

/** Creates a catalog of one provider. The provider lists the ids that `list` returns, and counts the calls. */
function setUp(list: () => Promise<string[]>, registration: Partial<ProviderRegistration> = {}) {
  let now = 0;
  let listed = 0;
  const provider = {
    name: 'acme',
    offline: false,
    models: async () => {
      listed += 1;
      return (await list()).map((id) => ({ id }));
    },
  } as unknown as ModelProvider;
  const catalog = createModelCatalog({
    providers: [{ endpoints: [provider], ...registration }],
    logger,
    now: () => now,
    healthOf,
  });
  return { catalog, pass: (ms: number) => (now += ms), listed: () => listed };
}

const down = async (): Promise<string[]> => {
  throw new AppError('SERVICE_UNAVAILABLE', 'It cannot be reached.');
};

describe('model catalog', () => {
  it('lists the models of a provider at most once a minute', async () => {
    const { catalog, pass, listed } = setUp(async () => ['a']);
    await Promise.all([catalog.list(), catalog.list(), catalog.resolve('a', 'chat')]);
    pass(59_000);
    await catalog.list();
    expect(listed()).toBe(1);
    pass(2_000);
    await catalog.list();
    expect(listed()).toBe(2);
  });

  it('keeps the last good list while a provider fails, and reports the problem', async () => {
    let list = async () => ['a'];
    const { catalog, pass } = setUp(() => list());
    await catalog.list();
    list = down;
    pass(61_000);
    await catalog.list();
    expect(await catalog.list()).toMatchObject({
      models: [{ id: 'a' }],
      problems: [{ provider: 'acme', message: 'It cannot be reached.' }],
    });
  });

  it('uses the first listed model as the default, unless one is configured', async () => {
    expect((await setUp(async () => ['first', 'second']).catalog.list()).default_model).toBe('first');
    expect((await setUp(async () => ['first'], { defaultModel: 'second' }).catalog.list()).default_model).toBe('second');
  });

  it('has no default model while the default provider cannot list its models', async () => {
    const { catalog } = setUp(down);
    expect((await catalog.list()).default_model).toBeNull();
    await expect(catalog.resolve(undefined, 'chat')).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });

  it('rejects an id that no provider lists', async () => {
    await expect(setUp(async () => ['a']).catalog.resolve('b', 'chat')).rejects.toMatchObject({ code: 'UNKNOWN_MODEL' });
  });

  it('forwards an unlisted id to a provider that accepts any id or cannot list its models', async () => {
    expect(await setUp(async () => ['a'], { acceptsOtherIds: true }).catalog.resolve('b', 'chat')).toMatchObject({
      targets: [{ model: 'b', label: 'other' }],
    });
    expect(await setUp(down).catalog.resolve('b', 'chat')).toMatchObject({ targets: [{ model: 'b', label: 'other' }] });
  });

  it('distinguishes providers with the same name', async () => {
    const provider = (id: string) =>
      ({
        name: 'offline',
        offline: true,
        models: async () => [{ id }],
      }) as unknown as ModelProvider;
    const providers = ['tutor', 'sim'].map((id) => ({ endpoints: [provider(id)] }));
    const catalog = createModelCatalog({ providers, logger, healthOf });
    expect((await catalog.list()).models.map(({ id }) => id)).toEqual(['tutor', 'sim']);
    expect((await catalog.resolve('sim', 'chat')).targets[0]?.registration).toBe(providers[1]);
  });

  it('finds a model by its id without parameters, and keeps the parameters', async () => {
    expect(await setUp(async () => ['sim']).catalog.resolve('sim?tokens=5', 'chat')).toMatchObject({
      targets: [{ model: 'sim?tokens=5', id: 'sim', label: 'sim' }],
    });
  });
});

describe('aliases and retired ids', () => {
  const TODAY = Date.parse('2026-11-25T12:00:00Z');
  const registration: Partial<ProviderRegistration> = {
    models: { large: { aliases: ['big'] }, small: {} },
    retired: { old: { on: '2026-11-25', use: 'large' }, ageing: { on: '2026-11-26', use: 'small' } },
  };
  const list = async () => ['large', 'small', 'old', 'ageing'];
  const start = () => {
    const { catalog, pass } = setUp(list, registration);
    pass(TODAY);
    return { catalog, pass };
  };

  it('resolves an alias to its model', async () => {
    expect(await start().catalog.resolve('big', 'chat')).toMatchObject({
      targets: [{ id: 'large', model: 'large', label: 'large' }],
      warning: null,
    });
  });

  it('resolves a retired id to its successor from the retirement date, with a warning', async () => {
    expect(await start().catalog.resolve('old', 'chat')).toMatchObject({
      targets: [{ id: 'large' }],
      warning: 'old was retired on 2026-11-25. large responds instead.',
    });
  });

  it('resolves a retiring id to its own model until the retirement date, with a warning', async () => {
    const { catalog, pass } = start();
    expect(await catalog.resolve('ageing', 'chat')).toMatchObject({
      targets: [{ id: 'ageing' }],
      warning: 'ageing will be retired on 2026-11-26. Use small instead.',
    });
    pass(24 * 3_600_000);
    expect(await catalog.resolve('ageing', 'chat')).toMatchObject({ targets: [{ id: 'small' }] });
  });

  it('lists aliases and retired ids with their model, and retirements with their dates', async () => {
    const { models, retired } = await start().catalog.list();
    expect(models.map(({ id, aliases }) => [id, aliases])).toEqual([
      ['large', ['big', 'old']],
      ['small', ['ageing']],
    ]);
    expect(retired).toEqual([
      { id: 'old', provider: 'acme', on: '2026-11-25', use: 'large' },
      { id: 'ageing', provider: 'acme', on: '2026-11-26', use: 'small' },
    ]);
  });
});

describe('model fallbacks', () => {
  const idsOf = async (catalog: ModelCatalog, id: string, kind: 'chat' | 'embedding' = 'chat') =>
    (await catalog.resolve(id, kind)).targets.map((target) => `${target.provider}/${target.id}`);

  const registrationOf = (
    name: string,
    ids: string[],
    registration: Partial<ProviderRegistration> = {},
    offline = false,
  ): ProviderRegistration => {
    const provider = { name, offline, models: async () => ids.map((id) => ({ id })) } as unknown as ModelProvider;
    return { endpoints: [provider], ...registration };
  };
  const catalogOf = (providers: ProviderRegistration[], fallbackModel?: string) =>
    createModelCatalog({ providers, fallbackModel, logger, healthOf, now: () => Date.parse('2026-11-25T12:00:00Z') });

  const acme = registrationOf('acme', ['large', 'small', 'odd'], {
    models: { large: { fallbacks: ['nickname', 'theirs', 'large'] }, small: { aliases: ['nickname'] } },
    retired: { gone: { on: '2026-01-01', use: 'small' } },
  });
  const other = registrationOf('other', ['theirs']);
  const offline = registrationOf('offline', ['inside'], { models: { inside: { fallbacks: ['small'] } } }, true);

  it('resolves configured fallbacks in order, by any name and of any provider, without the model itself', async () => {
    expect(await idsOf(catalogOf([acme, other]), 'large')).toEqual(['acme/large', 'acme/small', 'other/theirs']);
  });

  it('resolves no fallbacks without configuration', async () => {
    expect(await idsOf(catalogOf([acme, other]), 'odd')).toEqual(['acme/odd']);
  });

  it('appends the common fallback and includes each model once', async () => {
    const catalog = catalogOf([acme, other], 'theirs');
    expect(await idsOf(catalog, 'odd')).toEqual(['acme/odd', 'other/theirs']);
    expect(await idsOf(catalog, 'large')).toEqual(['acme/large', 'acme/small', 'other/theirs']);
    expect(await idsOf(catalog, 'theirs')).toEqual(['other/theirs']);
  });

  it('replaces a retired fallback with its successor', async () => {
    expect(await idsOf(catalogOf([acme], 'gone'), 'odd')).toEqual(['acme/odd', 'acme/small']);
  });

  it('omits a fallback that does not exist', async () => {
    expect(await idsOf(catalogOf([acme], 'nowhere'), 'odd')).toEqual(['acme/odd']);
  });

  it('never falls back to an offline model or from one', async () => {
    const catalog = catalogOf([acme, offline], 'inside');
    expect(await idsOf(catalog, 'odd')).toEqual(['acme/odd']);
    expect(await idsOf(catalogOf([acme, offline], 'small'), 'inside')).toEqual(['offline/inside']);
    const { models } = await catalog.list();
    expect(models.find(({ id }) => id === 'inside')).toMatchObject({ fallbacks: [], price: { input: 0, output: 0 } });
  });

  it('resolves no fallbacks for embeddings, because vectors differ by model', async () => {
    expect(await idsOf(catalogOf([acme, other], 'small'), 'large', 'embedding')).toEqual(['acme/large']);
  });
});

describe('default embedding model', () => {
  it('uses the first embedding model of the default provider, else of the next one', async () => {
    const first = setUp(async () => ['chat']).catalog;
    await expect(first.resolve(undefined, 'embedding')).rejects.toMatchObject({
      code: 'UNKNOWN_MODEL',
      message: 'No provider offers a model for embeddings.',
    });
    const models = { chat: {}, vectors: { kind: 'embedding' as const } };
    const { catalog } = setUp(async () => ['chat', 'vectors'], { models, defaultModel: 'chat' });
    expect((await catalog.resolve(undefined, 'embedding')).targets[0]?.id).toBe('vectors');

    const inside = {
      name: 'offline',
      offline: true,
      models: async () => [{ id: 'embedder', kind: 'embedding' }],
    } as unknown as ModelProvider;
    const chatOnly = { name: 'acme', offline: false, models: async () => [{ id: 'chat' }] } as unknown as ModelProvider;
    const providers = [{ endpoints: [chatOnly] }, { endpoints: [inside] }];
    const both = createModelCatalog({ providers, logger, healthOf });
    expect((await both.resolve(undefined, 'embedding')).targets[0]).toMatchObject({ provider: 'offline', id: 'embedder' });
  });

  it('never uses an embedding model as the default chat model', async () => {
    const models = { vectors: { kind: 'embedding' as const }, chat: {} };
    expect((await setUp(async () => ['vectors', 'chat'], { models }).catalog.list()).default_model).toBe('chat');
  });
});

describe('offered models', () => {
  const models = { known: { contextTokens: 8_192, price: { input: 1, output: 2 } }, gone: {} };

  it('offers only the listed models that have metadata', async () => {
    const { catalog } = setUp(async () => ['known', 'unheard-of'], { models });
    expect((await catalog.list()).models).toMatchObject([
      { id: 'known', provider: 'acme', context_tokens: 8_192, output_tokens_max: null, price: { input: 1, output: 2 } },
    ]);
    expect((await catalog.resolve('unheard-of', 'chat')).targets).toMatchObject([{ id: 'unheard-of', label: 'unheard-of' }]);
  });

  it('offers all listed models when none has metadata', async () => {
    const { catalog } = setUp(async () => ['other', 'unheard-of'], { models });
    expect((await catalog.list()).models.map(({ id }) => id)).toEqual(['other', 'unheard-of']);
  });

  it('offers the models with metadata while the provider cannot list its models', async () => {
    const { models: offered, default_model } = await setUp(down, { models }).catalog.list();
    expect([offered.map(({ id }) => id), default_model]).toEqual([['known', 'gone'], 'known']);
  });
});

describe('model list cache', () => {
  it('retries a failed list after two seconds', async () => {
    const { catalog, pass, listed } = setUp(down);
    await catalog.list();
    pass(1_999);
    await catalog.list();
    expect(listed()).toBe(1);
    pass(1);
    await catalog.list();
    expect(listed()).toBe(2);
  });

  it('serves the expired list while it fetches a new one', async () => {
    const { promise, resolve } = Promise.withResolvers<string[]>();
    let list = async () => ['a'];
    const { catalog, pass, listed } = setUp(() => list());
    await catalog.resolve('a', 'chat');
    list = () => promise;
    pass(60_000);
    await Promise.all([catalog.resolve('a', 'chat'), catalog.resolve('a', 'chat')]);
    expect(listed()).toBe(2);
    resolve(['b']);
    await promise;
    await new Promise(setImmediate);
    await expect(catalog.resolve('a', 'chat')).rejects.toMatchObject({ code: 'UNKNOWN_MODEL' });
    await catalog.resolve('b', 'chat');
    expect(listed()).toBe(2);
  });
});
