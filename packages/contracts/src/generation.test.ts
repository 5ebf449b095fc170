import { describe, expect, it } from 'vitest';
import { generateRequestSchema, usageSchema } from './generation.ts';

const isAccepted = (fields: object) => generateRequestSchema.safeParse({ prompt: 'Hi', ...fields }).success;
const messages = (count: number, content = 'Hi') => ({ messages: Array(count).fill({ role: 'user', content }) });

describe('a request for a generation', () => {
  it('has 1024 tokens and temperature 0.7 by default', () => {
    expect(generateRequestSchema.parse({ prompt: 'Hi' })).toEqual({ prompt: 'Hi', max_tokens: 1_024, temperature: 0.7 });
  });

  it.each([
    ['a prompt of 10,000 characters', { prompt: 'x'.repeat(10_000) }, { prompt: 'x'.repeat(10_001) }],
    ['a prompt with one character', { prompt: 'x' }, { prompt: '' }],
    ['a prompt with white space and text', { prompt: ' \nx' }, { prompt: ' \n' }],
    ['a model id of 256 characters', { model: 'm'.repeat(256) }, { model: 'm'.repeat(257) }],
    ['a model id of one character', { model: 'm' }, { model: '' }],
    ['at most 8192 tokens', { max_tokens: 8_192 }, { max_tokens: 8_193 }],
    ['at least one token', { max_tokens: 1 }, { max_tokens: 0 }],
    ['temperature 2', { temperature: 2 }, { temperature: 2.01 }],
    ['temperature 0', { temperature: 0 }, { temperature: -0.01 }],
    ['a system prompt of 10,000 characters', { system_prompt: 'x'.repeat(10_000) }, { system_prompt: 'x'.repeat(10_001) }],
    ['a system prompt of one character', { system_prompt: 'x' }, { system_prompt: '' }],
    ['256 earlier messages', messages(256), messages(257)],
    ['a message of 100,000 characters', messages(1, 'x'.repeat(100_000)), messages(1, 'x'.repeat(100_001))],
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
