import { describe, expect, it } from 'vitest';
import { chatPath, modelFromSearch } from './model-parameter.ts';

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
