import { GENERATION_LIMITS, type Model, type ModelList } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { createChatSettingsStore, DEFAULT_SETTINGS, requestFields } from './chat-settings.ts';

const small = { id: 'small', aliases: ['tiny'], output_tokens_max: 100 } as unknown as Model;
const large = { id: 'large', aliases: [], output_tokens_max: null } as unknown as Model;
const LIST = { default_model: 'small', models: [small, large] } as unknown as ModelList;

describe('what goes with a question', () => {
  it('names no model when neither the question nor the settings do', () => {
    expect(requestFields(DEFAULT_SETTINGS, null, null)).toEqual({ max_tokens: 4_096, temperature: 0.7 });
  });

  it('has the model of the question before that of the settings', () => {
    const settings = { ...DEFAULT_SETTINGS, model: 'large' };
    expect(requestFields(settings, null, LIST).model).toBe('large');
    expect(requestFields(settings, 'tiny', LIST).model).toBe('tiny');
  });

  it('asks no model for more than it can write, by whatever name it is called', () => {
    for (const model of [null, 'small', 'tiny', 'small?seed=1']) {
      expect(requestFields(DEFAULT_SETTINGS, model, LIST).max_tokens).toBe(100);
    }
    expect(requestFields(DEFAULT_SETTINGS, 'large', LIST).max_tokens).toBe(4_096);
  });

  it('has the system prompt, when there is one', () => {
    expect(requestFields({ ...DEFAULT_SETTINGS, system_prompt: 'Be brief.' }, null, LIST).system_prompt).toBe('Be brief.');
  });
});

describe('the settings of this browser', () => {
  function storageWith(text: string | null) {
    const kept = { text };
    return {
      kept,
      getItem: () => kept.text,
      setItem: (_key: string, value: string) => {
        kept.text = value;
      },
    };
  }

  it('are the defaults until something is saved, and then what was saved', () => {
    const storage = storageWith(null);
    const store = createChatSettingsStore(storage);
    expect(store.getState().settings).toEqual(DEFAULT_SETTINGS);
    store.getState().save({ ...DEFAULT_SETTINGS, model: 'large', temperature: 0 });
    const after = createChatSettingsStore(storage);
    expect(after.getState().settings).toEqual({ ...DEFAULT_SETTINGS, model: 'large', temperature: 0 });
  });

  it.each([
    ['is not JSON', '{'],
    ['is no object', '7'],
    ['asks for more than the API takes', JSON.stringify({ max_tokens: GENERATION_LIMITS.maxTokensMax + 1 })],
    ['has what the API does not know', JSON.stringify({ mood: 'good' })],
  ])('are the defaults when what was kept %s', (_what, text) => {
    expect(createChatSettingsStore(storageWith(text)).getState().settings).toEqual(DEFAULT_SETTINGS);
  });

  it('hold for this page when the browser keeps nothing', () => {
    const store = createChatSettingsStore({
      getItem: () => null,
      setItem: () => {
        throw new Error('QuotaExceededError');
      },
    });
    store.getState().save({ ...DEFAULT_SETTINGS, temperature: 1 });
    expect(store.getState().settings.temperature).toBe(1);
  });
});
