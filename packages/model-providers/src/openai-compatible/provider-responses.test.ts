import { describe, expect, it } from 'vitest';
import { chunkBodySchema, readCompletion, readTextChunk, usageBodySchema } from './provider-responses.ts';

const COUNTS = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
const completionWith = (usage: unknown, message: object = { content: 'Hi' }, finish_reason: unknown = 'stop') =>
  JSON.stringify({ choices: [{ message, finish_reason }], usage });

describe('a completion', () => {
  it.each([
    ['complete', COUNTS],
    ['zero', { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }],
    [
      'with details',
      { ...COUNTS, prompt_tokens_details: { cached_tokens: 2 }, completion_tokens_details: { reasoning_tokens: 1 } },
    ],
    ['with empty details', { ...COUNTS, prompt_tokens_details: null, completion_tokens_details: {} }],
    ['with null details', { ...COUNTS, prompt_tokens_details: { cached_tokens: null } }],
    ['without a total', { prompt_tokens: 3, completion_tokens: 4 }],
  ])('has the usage that the schema reads: %s', (_case, usage) => {
    const body = completionWith(usage);
    expect(readCompletion(body)).toEqual({ text: 'Hi', finish: 'stop', usage: usageBodySchema.parse(usage), body });
  });

  it.each([
    ['a missing usage', undefined],
    ['null', null],
  ])('has no usage for %s', (_case, usage) => {
    expect(readCompletion(completionWith(usage)).usage).toBeNull();
  });

  it('has an empty text when the message has none', () => {
    expect(readCompletion(completionWith(COUNTS, { content: null, tool_calls: [] }))).toMatchObject({ text: '', usage: COUNTS });
  });

  it.each([
    ['a count that is negative', completionWith({ ...COUNTS, prompt_tokens: -1 })],
    ['a count that is a fraction', completionWith({ ...COUNTS, total_tokens: 1.5 })],
    ['a count that is a string', completionWith({ ...COUNTS, completion_tokens: '4' })],
    ['a detail that is not a count', completionWith({ ...COUNTS, prompt_tokens_details: { cached_tokens: -1 } })],
    ['details of an unexpected shape', completionWith({ ...COUNTS, completion_tokens_details: 'none' })],
    ['no finish reason', completionWith(COUNTS, { content: 'Hi' }, null)],
    ['no choice', JSON.stringify({ choices: [], usage: COUNTS })],
    ['an unexpected shape', '"a text"'],
    ['a body that is not JSON', '<html>'],
  ])('is rejected with %s', (_case, body) => {
    expect(() => readCompletion(body)).toThrow();
  });
});

describe('a text chunk', () => {
  const chunk = (choice: object, more: object = {}) => ({ id: 'c', choices: [{ index: 0, ...choice }], ...more });

  it.each([
    ['text', chunk({ delta: { role: 'assistant', content: 'a', refusal: null }, finish_reason: null, logprobs: null })],
    ['a finish reason', chunk({ delta: {}, finish_reason: 'stop' }, { usage: null })],
  ])('with %s is read without the schema, with the same result', (_case, body) => {
    const read = readTextChunk(body);
    expect(read).not.toBeNull();
    expect(chunkBodySchema.parse(read)).toEqual(chunkBodySchema.parse(body));
  });

  it.each<[string, unknown]>([
    ['nothing', null],
    ['no choices', { choices: [] }],
    [
      'two choices',
      {
        choices: [
          { index: 0, delta: {} },
          { index: 1, delta: {} },
        ],
      },
    ],
    ['another index', chunk({ index: 1, delta: {} })],
    ['a usage', chunk({ delta: {} }, { usage: COUNTS })],
    ['an error', chunk({ delta: {} }, { error: null })],
    ['a field of Groq', chunk({ delta: {} }, { x_groq: {} })],
    ['tool calls', chunk({ delta: { tool_calls: [] } })],
    ['another field of the choice', chunk({ delta: {}, text: 'a' })],
    ['no delta', chunk({ delta: null })],
    ['a content that is not a string', chunk({ delta: { content: 1 } })],
    ['a role that is not a string', chunk({ delta: { role: 1 } })],
    ['a refusal that is not a string', chunk({ delta: { refusal: 1 } })],
    ['a finish reason that is not a string', chunk({ delta: {}, finish_reason: 1 })],
  ])('requires the schema with %s', (_case, body) => {
    expect(readTextChunk(body)).toBeNull();
  });
});
