import { GENERATION_LIMITS, type Model, type ModelList } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { createChatSettingsStore, DEFAULT_SETTINGS, requestFields } from './chat-settings.ts';

const small = { id: 'small', aliases: ['tiny'], output_tokens_max: 100 } as unknown as Model;
const large = { id: 'large', aliases: [], output_tokens_max: null } as unknown as Model;
const LIST = { default_model: 'small', models: [small, large] } as unknown as ModelList;

describe('requestFields', () => {
  it('omits the model if neither the request nor the settings name one', () => {
    expect(requestFields(DEFAULT_SETTINGS, null, null)).toEqual({ max_tokens: 4_096, temperature: 0.7 });
  });

  it('prefers the model of the request to that of the settings', () => {
    const settings = { ...DEFAULT_SETTINGS, model: 'large' };
    expect(requestFields(settings, null, LIST).model).toBe('large');
    expect(requestFields(settings, 'tiny', LIST).model).toBe('tiny');
  });

  it('caps max_tokens at the output limit of the model, also for aliases and parameters', () => {
    for (const model of [null, 'small', 'tiny', 'small?seed=1']) {
      expect(requestFields(DEFAULT_SETTINGS, model, LIST).max_tokens).toBe(100);
    }
    expect(requestFields(DEFAULT_SETTINGS, 'large', LIST).max_tokens).toBe(4_096);
  });

  it('includes the system prompt if there is one', () => {
    expect(requestFields({ ...DEFAULT_SETTINGS, system_prompt: 'Be brief.' }, null, LIST).system_prompt).toBe('Be brief.');
  });
});

describe('createChatSettingsStore', () => {
  function storageWith(text: string | null) {
    const saved = { text };
    return {
      saved,
      getItem: () => saved.text,
      setItem: (_key: string, value: string) => {
        saved.text = value;
      },
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
    expect(store.getState().settings.temperature).toBe(0.7);
    store.getState().reload();
    expect(store.getState().settings.temperature).toBe(1.5);
  });
});
