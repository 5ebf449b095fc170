import { completeUsage } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { readUsage, usageChange } from './reported-usage.ts';

const COUNTS = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };

describe('a complete usage', () => {
  it.each<[string, object, object]>([
    ['counts', COUNTS, COUNTS],
    [
      'zeros',
      { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
      { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
    ],
    ['no total', { prompt_tokens: 3, completion_tokens: 4 }, COUNTS],
    ['only a total beside the prompt', { prompt_tokens: 3, total_tokens: 7 }, COUNTS],
    ['only a total beside the completion', { completion_tokens: 4, total_tokens: 7, prompt_tokens: null }, COUNTS],
    ['texts', { prompt_tokens: '3', completion_tokens: ' 4 ', total_tokens: '7' }, COUNTS],
    [
      'details',
      { ...COUNTS, prompt_tokens_details: { cached_tokens: 2 }, completion_tokens_details: { reasoning_tokens: 1 } },
      { ...COUNTS, prompt_tokens_details: { cached_tokens: 2 }, completion_tokens_details: { reasoning_tokens: 1 } },
    ],
    ['empty details', { ...COUNTS, prompt_tokens_details: null, completion_tokens_details: {} }, COUNTS],
    ['null details', { ...COUNTS, prompt_tokens_details: { cached_tokens: null } }, COUNTS],
    [
      'more cached tokens than the prompt has',
      { ...COUNTS, prompt_tokens_details: { cached_tokens: 9 } },
      { ...COUNTS, prompt_tokens_details: { cached_tokens: 3 } },
    ],
  ])('is read from %s', (_case, value, expected) => {
    expect(readUsage(value)).toEqual(expected);
  });
});

describe('a malformed usage', () => {
  it.each<[string, object, object]>([
    ['null counts', { prompt_tokens: 3, completion_tokens: null, total_tokens: null }, { prompt_tokens: 3 }],
    ['negative counts', { prompt_tokens: 3, completion_tokens: -4 }, { prompt_tokens: 3 }],
    ['a negative fraction', { prompt_tokens: 3, completion_tokens: -0.5 }, { prompt_tokens: 3 }],
    ['a count that no database stores', { prompt_tokens: 3, completion_tokens: 2 ** 31 }, { prompt_tokens: 3 }],
    ['texts that are not counts', { prompt_tokens: 'many', completion_tokens: 4 }, { completion_tokens: 4 }],
    ['a total below the prompt', { prompt_tokens: 9, total_tokens: 7 }, { prompt_tokens: 9 }],
    ['fractions', { prompt_tokens: 3, completion_tokens: 3.5, total_tokens: 6.5 }, COUNTS],
    ['a fraction as text', { prompt_tokens: 3, completion_tokens: '3.5', total_tokens: 7 }, COUNTS],
    ['details of an unexpected shape', { ...COUNTS, completion_tokens_details: 'none' }, COUNTS],
    ['a detail that is not a count', { ...COUNTS, prompt_tokens_details: { cached_tokens: -1 } }, COUNTS],
  ])('keeps what can be read of %s, as partial', (_case, value, expected) => {
    expect(readUsage(value)).toEqual({ ...expected, isPartial: true });
  });

  it.each([[undefined], [null], [{}], [[]], ['7'], [7], [{ total_tokens: 7 }], [{ prompt_tokens: {}, completion_tokens: [] }]])(
    'is missing for %j',
    (value) => {
      expect(readUsage(value)).toBeNull();
    },
  );
});

describe('the usage of a response', () => {
  const estimate = () => ({ prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 });

  it('is the reported one when that is complete', () => {
    expect(completeUsage(readUsage(COUNTS), estimate)).toEqual({ usage: COUNTS, estimated: false });
  });

  it('is estimated without a reported one', () => {
    expect(completeUsage(null, estimate)).toEqual({ usage: estimate(), estimated: true });
  });

  it('estimates only what is missing, and the total', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 20, total_tokens: 23 };
    expect(completeUsage(readUsage({ prompt_tokens: 3 }), estimate)).toEqual({ usage, estimated: true });
  });

  it('is marked as estimated when counts were fractions', () => {
    const fractions = { prompt_tokens: 2.5, completion_tokens: 4, total_tokens: 7 };
    expect(completeUsage(readUsage(fractions), estimate)).toEqual({ usage: COUNTS, estimated: true });
  });
});

describe('the change of a usage', () => {
  it('replaces details that are strings', () => {
    const raw = {
      ...COUNTS,
      prompt_tokens_details: { cached_tokens: '2', audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: '1' },
    };
    expect(usageChange(raw, readUsage(raw))).toEqual({
      usage: {
        ...COUNTS,
        prompt_tokens_details: { cached_tokens: 2, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 1 },
      },
    });
  });

  it('is empty for numbers and null', () => {
    const raw = { ...COUNTS, prompt_tokens_details: { cached_tokens: 2 }, completion_tokens_details: { reasoning_tokens: null } };
    expect(usageChange(raw, readUsage(raw))).toEqual({});
  });
});
