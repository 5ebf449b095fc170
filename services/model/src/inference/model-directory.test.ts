import { AppError, type Model } from '@prodigon/contracts';
import { createLogger } from '@prodigon/platform';
import type { ModelProvider } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import { ModelDirectory, type ProviderEntry } from './model-directory.ts';

const logger = createLogger({ service: 'test', level: 'silent', secrets: [] });

/** A provider that lists what `list` returns, and counts how often it is asked. */
function setUp(list: () => Promise<string[]>, entry: Partial<ProviderEntry> = {}) {
  let now = 0;
  let asked = 0;
  const provider = {
    name: 'acme',
    offline: false,
    models: async () => {
      asked += 1;
      return (await list()).map((id): Model => ({ id, provider: 'acme', offline: false }));
    },
  } as unknown as ModelProvider;
  const directory = new ModelDirectory({ providers: [{ provider, acceptsOtherIds: false, ...entry }], logger, now: () => now });
  return { directory, pass: (ms: number) => (now += ms), asked: () => asked };
}

const down = async (): Promise<string[]> => {
  throw new AppError('SERVICE_UNAVAILABLE', 'It cannot be reached.');
};

describe('the model directory', () => {
  it('asks a provider once a minute, however many want to know', async () => {
    const { directory, pass, asked } = setUp(async () => ['a']);
    await Promise.all([directory.list(), directory.list(), directory.resolve('a')]);
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
    await expect(directory.resolve(undefined)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });

  it('refuses an id that nobody lists', async () => {
    await expect(setUp(async () => ['a']).directory.resolve('b')).rejects.toMatchObject({ code: 'UNKNOWN_MODEL' });
  });

  it('passes an unlisted id on to a provider that takes any, or that could not be asked', async () => {
    expect(await setUp(async () => ['a'], { acceptsOtherIds: true }).directory.resolve('b')).toMatchObject({
      model: 'b',
      isListed: false,
    });
    expect(await setUp(down).directory.resolve('b')).toMatchObject({ model: 'b', isListed: false });
  });

  it('keeps providers of one name apart', async () => {
    const provider = (id: string) =>
      ({
        name: 'offline',
        offline: true,
        models: async () => [{ id, provider: 'offline', offline: true }],
      }) as unknown as ModelProvider;
    const providers = ['tutor', 'sim'].map((id) => ({ provider: provider(id), acceptsOtherIds: false }));
    const directory = new ModelDirectory({ providers, logger });
    expect((await directory.list()).models.map(({ id }) => id)).toEqual(['tutor', 'sim']);
    expect((await directory.resolve('sim')).provider).toBe(providers[1]?.provider);
  });

  it('finds a model by its bare id and keeps the parameters', async () => {
    expect(await setUp(async () => ['sim']).directory.resolve('sim?tokens=5')).toMatchObject({
      model: 'sim?tokens=5',
      isListed: true,
    });
  });
});
