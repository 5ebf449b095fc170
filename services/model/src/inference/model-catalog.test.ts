import { AppError } from '@prodigon/contracts';
import { createLogger } from '@prodigon/platform';
import type { ModelProvider, ProviderRegistration } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import { ModelDirectory } from './model-catalog.ts';

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

/** A provider that lists what `list` returns, and counts how often it is asked. */
function setUp(list: () => Promise<string[]>, entry: Partial<ProviderRegistration> = {}) {
  let now = 0;
  let asked = 0;
  const provider = {
    name: 'acme',
    offline: false,
    models: async () => {
      asked += 1;
      return (await list()).map((id) => ({ id }));
    },
  } as unknown as ModelProvider;
  const directory = new ModelDirectory({ providers: [{ endpoints: [provider], ...entry }], logger, now: () => now, healthOf });
  return { directory, pass: (ms: number) => (now += ms), asked: () => asked };
}

const down = async (): Promise<string[]> => {
  throw new AppError('SERVICE_UNAVAILABLE', 'It cannot be reached.');
};

describe('the model directory', () => {
  it('asks a provider once a minute, however many want to know', async () => {
    const { directory, pass, asked } = setUp(async () => ['a']);
    await Promise.all([directory.list(), directory.list(), directory.resolve('a', 'chat')]);
    pass(59_000);
    await directory.list();
    expect(asked()).toBe(1);
    pass(2_000);
    await directory.list();
    expect(asked()).toBe(2);
  });

  it('keeps the last good list while a provider fails, and tells the problem', async () => {
    let list = async () => ['a'];
    const { directory, pass } = setUp(() => list());
    await directory.list();
    list = down;
    pass(61_000);
    await directory.list();
    expect(await directory.list()).toMatchObject({
      models: [{ id: 'a' }],
      problems: [{ provider: 'acme', message: 'It cannot be reached.' }],
    });
  });

  it('takes the first listed model for the default, unless one is set', async () => {
    expect((await setUp(async () => ['first', 'second']).directory.list()).default_model).toBe('first');
    expect((await setUp(async () => ['first'], { defaultModel: 'second' }).directory.list()).default_model).toBe('second');
  });

  it('says that nobody knows the default while the provider cannot be asked, instead of choosing another', async () => {
    const { directory } = setUp(down);
    expect((await directory.list()).default_model).toBeNull();
    await expect(directory.resolve(undefined, 'chat')).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });

  it('refuses an id that nobody lists', async () => {
    await expect(setUp(async () => ['a']).directory.resolve('b', 'chat')).rejects.toMatchObject({ code: 'UNKNOWN_MODEL' });
  });

  it('passes an unlisted id on to a provider that takes any, or that could not be asked', async () => {
    expect(await setUp(async () => ['a'], { acceptsOtherIds: true }).directory.resolve('b', 'chat')).toMatchObject({
      targets: [{ model: 'b', label: 'other' }],
    });
    expect(await setUp(down).directory.resolve('b', 'chat')).toMatchObject({ targets: [{ model: 'b', label: 'other' }] });
  });

  it('keeps providers of one name apart', async () => {
    const provider = (id: string) =>
      ({
        name: 'offline',
        offline: true,
        models: async () => [{ id }],
      }) as unknown as ModelProvider;
    const providers = ['tutor', 'sim'].map((id) => ({ endpoints: [provider(id)] }));
    const directory = new ModelDirectory({ providers, logger, healthOf });
    expect((await directory.list()).models.map(({ id }) => id)).toEqual(['tutor', 'sim']);
    expect((await directory.resolve('sim', 'chat')).targets[0]?.entry).toBe(providers[1]);
  });

  it('finds a model by its bare id and keeps the parameters', async () => {
    expect(await setUp(async () => ['sim']).directory.resolve('sim?tokens=5', 'chat')).toMatchObject({
      targets: [{ model: 'sim?tokens=5', id: 'sim', label: 'sim' }],
    });
  });
});

describe('other names of a model', () => {
  const TODAY = Date.parse('2026-11-25T12:00:00Z');
  const entry: Partial<ProviderRegistration> = {
    models: { large: { aliases: ['big'] }, small: {} },
    retired: { old: { on: '2026-11-25', use: 'large' }, ageing: { on: '2026-11-26', use: 'small' } },
  };
  const list = async () => ['large', 'small', 'old', 'ageing'];
  const start = () => {
    const { directory, pass } = setUp(list, entry);
    pass(TODAY);
    return { directory, pass };
  };

  it('mean it when they are aliases', async () => {
    expect(await start().directory.resolve('big', 'chat')).toMatchObject({
      targets: [{ id: 'large', model: 'large', label: 'large' }],
      warning: null,
    });
  });

  it('mean its successor from the day on which it is gone, with a warning', async () => {
    expect(await start().directory.resolve('old', 'chat')).toMatchObject({
      targets: [{ id: 'large' }],
      warning: 'old was retired on 2026-11-25. large responds instead.',
    });
  });

  it('are still its own until that day, with a warning that it is about to go', async () => {
    const { directory, pass } = start();
    expect(await directory.resolve('ageing', 'chat')).toMatchObject({
      targets: [{ id: 'ageing' }],
      warning: 'ageing will be retired on 2026-11-26. Use small instead.',
    });
    pass(24 * 3_600_000);
    expect(await directory.resolve('ageing', 'chat')).toMatchObject({ targets: [{ id: 'small' }] });
  });

  it('are listed with it, and the days with all who go', async () => {
    const { models, retired } = await start().directory.list();
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

describe('who answers in a model’s place', () => {
  const idsOf = async (directory: ModelDirectory, id: string, kind: 'chat' | 'embedding' = 'chat') =>
    (await directory.resolve(id, kind)).targets.map((target) => `${target.provider}/${target.id}`);

  const entryOf = (
    name: string,
    ids: string[],
    entry: Partial<ProviderRegistration> = {},
    offline = false,
  ): ProviderRegistration => {
    const provider = { name, offline, models: async () => ids.map((id) => ({ id })) } as unknown as ModelProvider;
    return { endpoints: [provider], ...entry };
  };
  const directoryOf = (providers: ProviderRegistration[], fallbackModel?: string) =>
    new ModelDirectory({ providers, fallbackModel, logger, healthOf, now: () => Date.parse('2026-11-25T12:00:00Z') });

  const acme = entryOf('acme', ['large', 'small', 'odd'], {
    models: { large: { fallbacks: ['nickname', 'theirs', 'large'] }, small: { aliases: ['nickname'] } },
    retired: { gone: { on: '2026-01-01', use: 'small' } },
  });
  const other = entryOf('other', ['theirs']);
  const offline = entryOf('offline', ['inside'], { models: { inside: { fallbacks: ['small'] } } }, true);

  it('is what its facts say, in that order, by any name, of any provider, and never itself', async () => {
    expect(await idsOf(directoryOf([acme, other]), 'large')).toEqual(['acme/large', 'acme/small', 'other/theirs']);
  });

  it('is nobody where nothing is said', async () => {
    expect(await idsOf(directoryOf([acme, other]), 'odd')).toEqual(['acme/odd']);
  });

  it('is the fallback of all after its own, and each once', async () => {
    const directory = directoryOf([acme, other], 'theirs');
    expect(await idsOf(directory, 'odd')).toEqual(['acme/odd', 'other/theirs']);
    expect(await idsOf(directory, 'large')).toEqual(['acme/large', 'acme/small', 'other/theirs']);
    expect(await idsOf(directory, 'theirs')).toEqual(['other/theirs']);
  });

  it('is the successor of a fallback that is gone', async () => {
    expect(await idsOf(directoryOf([acme], 'gone'), 'odd')).toEqual(['acme/odd', 'acme/small']);
  });

  it('is nobody when the fallback does not exist', async () => {
    expect(await idsOf(directoryOf([acme], 'nowhere'), 'odd')).toEqual(['acme/odd']);
  });

  it('is never a model inside the platform, and such a one is never replaced', async () => {
    const directory = directoryOf([acme, offline], 'inside');
    expect(await idsOf(directory, 'odd')).toEqual(['acme/odd']);
    expect(await idsOf(directoryOf([acme, offline], 'small'), 'inside')).toEqual(['offline/inside']);
    const { models } = await directory.list();
    expect(models.find(({ id }) => id === 'inside')).toMatchObject({ fallbacks: [], price: { input: 0, output: 0 } });
  });

  it('is nobody for embeddings: other numbers would mean something else', async () => {
    expect(await idsOf(directoryOf([acme, other], 'small'), 'large', 'embedding')).toEqual(['acme/large']);
  });
});

describe('the default model for embeddings', () => {
  it('is the first that makes them, of the default provider or the next one', async () => {
    const first = setUp(async () => ['chat']).directory;
    await expect(first.resolve(undefined, 'embedding')).rejects.toMatchObject({
      code: 'UNKNOWN_MODEL',
      message: 'No provider offers a model for embeddings.',
    });
    const models = { chat: {}, vectors: { kind: 'embedding' as const } };
    const { directory } = setUp(async () => ['chat', 'vectors'], { models, defaultModel: 'chat' });
    expect((await directory.resolve(undefined, 'embedding')).targets[0]?.id).toBe('vectors');

    const inside = {
      name: 'offline',
      offline: true,
      models: async () => [{ id: 'embedder', kind: 'embedding' }],
    } as unknown as ModelProvider;
    const chatOnly = { name: 'acme', offline: false, models: async () => [{ id: 'chat' }] } as unknown as ModelProvider;
    const providers = [{ endpoints: [chatOnly] }, { endpoints: [inside] }];
    const both = new ModelDirectory({ providers, logger, healthOf });
    expect((await both.resolve(undefined, 'embedding')).targets[0]).toMatchObject({ provider: 'offline', id: 'embedder' });
  });

  it('is never the default for answers', async () => {
    const models = { vectors: { kind: 'embedding' as const }, chat: {} };
    expect((await setUp(async () => ['vectors', 'chat'], { models }).directory.list()).default_model).toBe('chat');
  });
});

describe('the models that are shown', () => {
  const models = { known: { contextTokens: 8_192, price: { input: 1, output: 2 } }, gone: {} };

  it('are those of the list that something is known of', async () => {
    const { directory } = setUp(async () => ['known', 'unheard-of'], { models });
    expect((await directory.list()).models).toMatchObject([
      { id: 'known', provider: 'acme', context_tokens: 8_192, output_tokens_max: null, price: { input: 1, output: 2 } },
    ]);
    expect((await directory.resolve('unheard-of', 'chat')).targets).toMatchObject([{ id: 'unheard-of', label: 'unheard-of' }]);
  });

  it('are all of the list when nothing is known of any', async () => {
    const { directory } = setUp(async () => ['other', 'unheard-of'], { models });
    expect((await directory.list()).models.map(({ id }) => id)).toEqual(['other', 'unheard-of']);
  });

  it('are those that something is known of while the provider cannot be asked', async () => {
    expect((await setUp(down, { models }).directory.list()).models.map(({ id }) => id)).toEqual(['known', 'gone']);
  });
});
