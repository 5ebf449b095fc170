import { GENERATION_LIMITS, type Model, type ModelList } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { createChatSettingsStore, DEFAULT_SETTINGS, requestFields } from './chat-settings.ts';

const small = { id: 'small', aliases: ['tiny'], output_tokens_max: 100 } as unknown as Model;
const large = { id: 'large', aliases: [], output_tokens_max: null } as unknown as Model;
const LIST = { default_model: 'small', models: [small, large] } as unknown as ModelList;

describe('requestFields', () => {
  it('sends nothing that the user has not set', () => {
    expect(requestFields(DEFAULT_SETTINGS, null, null)).toEqual({});
  });

  it('prefers the model of the request to that of the settings', () => {
    const settings = { ...DEFAULT_SETTINGS, model: 'large' };
    expect(requestFields(settings, null, LIST).model).toBe('large');
    expect(requestFields(settings, 'tiny', LIST).model).toBe('tiny');
  });

  it('caps max_tokens at the output limit of the model, also for aliases and parameters', () => {
    for (const model of [null, 'small', 'tiny', 'small?seed=1']) {
      expect(requestFields({ max_tokens: 4_096 }, model, LIST).max_tokens).toBe(100);
      expect(requestFields(DEFAULT_SETTINGS, model, LIST)).not.toHaveProperty('max_tokens');
    }
    expect(requestFields({ max_tokens: 4_096 }, 'large', LIST).max_tokens).toBe(4_096);
  });

  it('includes the system prompt if there is one', () => {
    expect(requestFields({ ...DEFAULT_SETTINGS, system_prompt: 'Be brief.' }, null, LIST).system_prompt).toBe('Be brief.');
  });
});

describe('createChatSettingsStore', () => {
  const KEY = 'prodigon.chat-settings.2';
  const OLD_KEY = 'prodigon.chat-settings';

  function storageWith(text: string | null, key = KEY) {
    const saved = new Map(text === null ? [] : [[key, text]]);
    return {
      getItem: (name: string) => saved.get(name) ?? null,
      setItem: (name: string, value: string) => void saved.set(name, value),
    };
  }

  it('restores saved settings and starts with the defaults', () => {
    const storage = storageWith(null);
    const store = createChatSettingsStore(storage);
    expect(store.getState().settings).toEqual(DEFAULT_SETTINGS);
    store.getState().save({ ...DEFAULT_SETTINGS, model: 'large', temperature: 0 });
    const after = createChatSettingsStore(storage);
    expect(after.getState().settings).toEqual({ ...DEFAULT_SETTINGS, model: 'large', temperature: 0 });
  });

  it.each([
    ['is not JSON', '{'],
    ['is not an object', '7'],
    ['exceeds the limits of the API', JSON.stringify({ max_tokens: GENERATION_LIMITS.maxTokensMax + 1 })],
    ['has unknown fields', JSON.stringify({ unknown: true })],
  ])('falls back to the defaults if the saved value %s', (_what, text) => {
    expect(createChatSettingsStore(storageWith(text)).getState().settings).toEqual(DEFAULT_SETTINGS);
  });

  it.each([
    ['4096 tokens and 0.7', { max_tokens: 4_096, temperature: 0.7, model: 'large' }, { model: 'large' }],
    ['1024 tokens', { max_tokens: 1_024, temperature: 0.3 }, { temperature: 0.3 }],
    ['0.7', { max_tokens: 50, temperature: 0.7, system_prompt: 'Be brief.' }, { max_tokens: 50, system_prompt: 'Be brief.' }],
    ['no settings', {}, {}],
    ['no object', 7, {}],
    ['null', null, {}],
  ])('removes the defaults that an earlier version saved: %s', (_what, saved, expected) => {
    expect(createChatSettingsStore(storageWith(JSON.stringify(saved), OLD_KEY)).getState().settings).toEqual(expected);
  });

  it('keeps an earlier default that the user has chosen since', () => {
    const storage = storageWith(JSON.stringify({ max_tokens: 4_096, temperature: 0.7 }), OLD_KEY);
    createChatSettingsStore(storage).getState().save({ temperature: 0.7 });
    expect(createChatSettingsStore(storage).getState().settings).toEqual({ temperature: 0.7 });
  });

  it('keeps settings in memory if the storage is blocked', () => {
    const store = createChatSettingsStore({
      getItem: () => null,
      setItem: () => {
        throw new Error('QuotaExceededError');
      },
    });
    store.getState().save({ ...DEFAULT_SETTINGS, temperature: 1 });
    expect(store.getState().settings.temperature).toBe(1);
  });

  it('reloads the settings that another tab saved', () => {
    const storage = storageWith(null);
    const [store, other] = [createChatSettingsStore(storage), createChatSettingsStore(storage)];
    other.getState().save({ ...DEFAULT_SETTINGS, temperature: 1.5 });
    expect(store.getState().settings.temperature).toBeUndefined();
    store.getState().reload();
    expect(store.getState().settings.temperature).toBe(1.5);
  });
});
