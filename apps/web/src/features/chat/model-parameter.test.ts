import { describe, expect, it } from 'vitest';
import { chatPath, modelFromSearch } from './model-parameter.ts';

describe('the model in the URL', () => {
  it('is the default without one', () => {
    expect(modelFromSearch('')).toBeNull();
    expect(modelFromSearch('?model=')).toBeNull();
    expect(chatPath(null)).toBe('/chat');
  });

  it('survives being written and read', () => {
    for (const model of ['openai/gpt-oss-120b', 'prodigon-sim?ttft_ms=0&tokens=200&fault=stall', 'a+b &c']) {
      expect(modelFromSearch(new URL(chatPath(model), 'http://x').search)).toBe(model);
    }
  });

  it('takes a simulated model’s string as a person types it', () => {
    expect(modelFromSearch('?model=prodigon-sim?ttft_ms=0&tokens_per_s=500&tokens=2000')).toBe(
      'prodigon-sim?ttft_ms=0&tokens_per_s=500&tokens=2000',
    );
  });
});
