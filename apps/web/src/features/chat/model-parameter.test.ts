import { describe, expect, it } from 'vitest';
import { chatPath, modelFromSearch, modelOfVisit } from './model-parameter.ts';

describe('modelFromSearch', () => {
  it('returns null for the default model', () => {
    expect(modelFromSearch('')).toBeNull();
    expect(modelFromSearch('?model=')).toBeNull();
    expect(chatPath(null)).toBe('/chat');
  });

  it('reads every model string that chatPath writes', () => {
    for (const model of ['openai/gpt-oss-120b', 'prodigon-sim?ttft_ms=0&tokens=200&fault=stall', 'a+b &c']) {
      expect(modelFromSearch(new URL(chatPath(model), 'http://x').search)).toBe(model);
    }
  });

  it('joins the unencoded parameters of a simulated model', () => {
    expect(modelFromSearch('?model=prodigon-sim?ttft_ms=0&tokens_per_s=500&tokens=2000')).toBe(
      'prodigon-sim?ttft_ms=0&tokens_per_s=500&tokens=2000',
    );
  });
});

describe('modelOfVisit', () => {
  function createStorage() {
    const saved = new Map<string, string>();
    return {
      getItem: (key: string) => saved.get(key) ?? null,
      setItem: (key: string, value: string) => void saved.set(key, value),
      removeItem: (key: string) => void saved.delete(key),
    };
  }

  it('returns the model of the last visit when a link from another page names none', () => {
    const storage = createStorage();
    expect(modelOfVisit('', storage)).toBeNull();
    expect(modelOfVisit('?model=some-model', storage)).toBe('some-model');
    expect(modelOfVisit('', storage)).toBe('some-model');
    expect(modelOfVisit('?model=another', storage)).toBe('another');
    expect(modelOfVisit('', storage)).toBe('another');
  });
});
