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

const offered = (typed: string, chosen: string | null = null, list: ModelList = LIST) =>
  modelOptionGroups(list, typed, chosen).map(({ label, entries }) => [label, entries.map(({ value }) => value)]);

describe('the model picker offers', () => {
  it('the default and the chat models, by provider', () => {
    expect(offered('')).toEqual([
      [null, [null]],
      ['groq', ['large']],
      ['offline', ['sim']],
    ]);
  });

  it.each([
    ['an id', 'LAR'],
    ['an alias', 'big-one'],
    ['a description', 'reasons'],
    ['a provider and more', 'groq well'],
  ])('what fits %s', (_what, typed) => expect(offered(typed)).toEqual([['groq', ['large']]]));

  it('nothing when nothing fits', () => expect(offered('nobody')).toEqual([]));

  it('what is chosen, though nobody lists it', () => {
    expect(offered('', 'sim?tokens=5')[0]).toEqual([null, [null, 'sim?tokens=5']]);
  });

  it('a listed model with parameters', () => {
    expect(offered('sim?tokens=5')).toEqual([[null, ['sim?tokens=5']]]);
    expect(offered('other?tokens=5')).toEqual([]);
  });

  it('any id where a provider takes those that are not listed, after those that are', () => {
    const list = { ...LIST, accepts_other_ids: true };
    expect(offered('lar', null, list)).toEqual([
      ['groq', ['large']],
      [null, ['lar']],
    ]);
    expect(offered('large', null, list)).toEqual([['groq', ['large']]]);
    expect(offered('two words', null, list)).toEqual([]);
  });

  it('only the default while there is no list', () => {
    expect(modelOptionGroups(null, '', null)).toEqual([{ label: null, entries: [{ type: 'default', key: '', value: null }] }]);
  });
});
