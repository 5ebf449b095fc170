import { describe, expect, it } from 'vitest';
import { generateRequestSchema, usageSchema } from './generation.ts';

const isAccepted = (fields: object) => generateRequestSchema.safeParse({ prompt: 'Hi', ...fields }).success;
const messages = (count: number, content = 'Hi') => ({ messages: Array(count).fill({ role: 'user', content }) });

describe('a request for a generation', () => {
  it('has no options by default, and none where the client sends null', () => {
    const names = Object.keys(generateRequestSchema.shape).filter((name) => name !== 'prompt');
    const nulls = Object.fromEntries(names.map((name) => [name, null]));
    for (const options of [{}, nulls])
      expect(JSON.stringify(generateRequestSchema.parse({ prompt: 'Hi', ...options }))).toBe('{"prompt":"Hi"}');
  });

  it.each([
    ['a prompt of 4,000,000 characters', { prompt: 'x'.repeat(4_000_000) }, { prompt: 'x'.repeat(4_000_001) }],
    ['a prompt with one character', { prompt: 'x' }, { prompt: '' }],
    ['a prompt with white space and text', { prompt: ' \nx' }, { prompt: ' \n' }],
    ['a model id of 256 characters', { model: 'm'.repeat(256) }, { model: 'm'.repeat(257) }],
    ['a model id of one character', { model: 'm' }, { model: '' }],
    ['as many tokens as a job stores', { max_tokens: 2_147_483_647 }, { max_tokens: 2_147_483_648 }],
    ['at least one token', { max_tokens: 1 }, { max_tokens: 0 }],
    ['temperature 2', { temperature: 2 }, { temperature: 2.01 }],
    ['temperature 0', { temperature: 0 }, { temperature: -0.01 }],
    ['a long system prompt', { system_prompt: 'x'.repeat(4_000_000) }, { system_prompt: 'x'.repeat(4_000_001) }],
    ['a system prompt of one character', { system_prompt: 'x' }, { system_prompt: '' }],
    ['256 earlier messages', messages(256), messages(257)],
    ['a message of 4,000,000 characters', messages(1, 'x'.repeat(4_000_000)), messages(1, 'x'.repeat(4_000_001))],
    ['a message of one character', messages(1, 'x'), messages(1, '')],
    ['known fields', {}, { promt: 'Hi' }],
  ])('may have %s, and nothing beyond', (_case, accepted, rejected) => {
    expect([isAccepted(accepted), isAccepted(rejected)]).toEqual([true, false]);
  });
});

it('rejects negative counts of tokens in a usage', () => {
  const usage = {
    prompt_tokens: 0,
    completion_tokens: 0,
    total_tokens: 0,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  };
  expect(usageSchema.parse(usage)).toEqual(usage);
  for (const name of ['prompt_tokens', 'completion_tokens', 'total_tokens'])
    expect(usageSchema.safeParse({ ...usage, [name]: -1 }).success, name).toBe(false);
  expect(usageSchema.safeParse({ ...usage, prompt_tokens_details: { cached_tokens: -1 } }).success).toBe(false);
  expect(usageSchema.safeParse({ ...usage, completion_tokens_details: { reasoning_tokens: -1 } }).success).toBe(false);
});
