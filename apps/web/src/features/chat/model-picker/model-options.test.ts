import type { Model, ModelList } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { modelOptionGroups } from './model-options.ts';

function model(id: string, provider: string, rest: Partial<Model> = {}): Model {
  return {
    id,
    provider,
    offline: false,
    kind: 'chat',
    aliases: [],
    context_tokens: null,
    output_tokens_max: null,
    price: null,
    fallbacks: [],
    retires_on: null,
    health: {
      state: 'unknown',
      breaker: 'closed',
      succeeded: 0,
      failed: 0,
      ttft_p50_ms: null,
      last_error: null,
      retry_after_s: null,
    },
    ...rest,
  };
}

const LIST: ModelList = {
  default_model: 'large',
  models: [
    model('large', 'groq', { description: 'Reasons well', aliases: ['big-one'] }),
    model('embedder', 'groq', { kind: 'embedding' }),
    model('sim', 'offline'),
  ],
  retired: [],
  accepts_other_ids: false,
  problems: [],
};

const optionsFor = (typed: string, chosen: string | null = null, list: ModelList = LIST) =>
  modelOptionGroups(list, typed, chosen).map(({ label, options }) => [label, options.map(({ value }) => value)]);

describe('modelOptionGroups', () => {
  it('groups the default and the chat models by provider', () => {
    expect(optionsFor('')).toEqual([
      [null, [null]],
      ['Groq', ['large']],
      ['Offline', ['sim']],
    ]);
  });

  it.each([
    ['an id', 'LAR'],
    ['an alias', 'big-one'],
    ['a description', 'reasons'],
    ['a provider and more', 'groq well'],
  ])('matches %s', (_what, typed) => expect(optionsFor(typed)).toEqual([['Groq', ['large']]]));

  it('returns no groups without a match', () => expect(optionsFor('absent')).toEqual([]));

  it('includes the selected model string even if no provider lists it', () => {
    expect(optionsFor('', 'sim?tokens=5')[0]).toEqual([null, [null, 'sim?tokens=5']]);
  });

  it('accepts a listed model with parameters', () => {
    expect(optionsFor('sim?tokens=5')).toEqual([[null, ['sim?tokens=5']]]);
    expect(optionsFor('other?tokens=5')).toEqual([]);
  });

  it('accepts any id if a provider takes unlisted ids, after the listed ones', () => {
    const list = { ...LIST, accepts_other_ids: true };
    expect(optionsFor('lar', null, list)).toEqual([
      ['Groq', ['large']],
      [null, ['lar']],
    ]);
    expect(optionsFor('large', null, list)).toEqual([['Groq', ['large']]]);
    expect(optionsFor('two words', null, list)).toEqual([]);
  });

  it('returns only the default before the list has loaded', () => {
    expect(modelOptionGroups(null, '', null)).toEqual([{ label: null, options: [{ type: 'default', key: '', value: null }] }]);
  });
});
