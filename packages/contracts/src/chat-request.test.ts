import { describe, expect, it } from 'vitest';
import { chatRequestSchema, maxOutputTokens, messageText } from './chat-request.ts';

describe('messageText', () => {
  it.each([
    ['a string', 'Hello', 'Hello'],
    ['null', null, ''],
    ['an absent value', undefined, ''],
    [
      'several parts, ignoring those without text',
      [{ type: 'text', text: 'One' }, { type: 'image_url' }, { type: 'text', text: 'two' }],
      'One\ntwo',
    ],
  ])('returns the text of %s', (_case, content, expected) => {
    expect(messageText({ role: 'user', content })).toBe(expected);
  });
});

describe('a chat request', () => {
  const messages = [{ role: 'user', content: 'Hi' }];

  it('keeps unknown fields at every level', () => {
    const request = {
      model: 'large',
      messages: [{ role: 'user', name: 'Ada', content: [{ type: 'image_url', image_url: { url: 'data:x', detail: 'low' } }] }],
      stream_options: { include_usage: true, more: 1 },
      tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }],
      response_format: { type: 'json_object' },
    };
    expect(chatRequestSchema.parse(request)).toEqual(request);
  });

  it.each([
    ['no messages', { messages: [] }],
    ['an unknown role', { messages: [{ role: 'wizard', content: 'Hi' }] }],
    ['an empty model id', { messages, model: '' }],
    ['a model id of more than 256 characters', { messages, model: 'm'.repeat(257) }],
    ['more than 2048 messages', { messages: Array(2_049).fill(messages[0]) }],
    ['an empty list of parts', { messages: [{ role: 'user', content: [] }] }],
    ['a negative temperature', { messages, temperature: -0.1 }],
    ['a token limit of 0', { messages, max_tokens: 0 }],
    ['a temperature above 2', { messages, temperature: 2.1 }],
  ])('is rejected with %s', (_case, request) => {
    expect(chatRequestSchema.safeParse(request).success).toBe(false);
  });

  it('is accepted at its limits', () => {
    const limits = { model: 'm'.repeat(256), temperature: 2, max_tokens: 1 };
    expect(chatRequestSchema.safeParse({ messages: Array(2_048).fill(messages[0]), ...limits }).success).toBe(true);
    expect(chatRequestSchema.safeParse({ messages, model: 'm', temperature: 0 }).success).toBe(true);
  });

  it('prefers max_completion_tokens to the older max_tokens', () => {
    const limitOf = (fields: object) => maxOutputTokens(chatRequestSchema.parse({ messages, ...fields }));
    expect(limitOf({ max_tokens: 5, max_completion_tokens: 7 })).toBe(7);
    expect(limitOf({ max_tokens: 5, max_completion_tokens: null })).toBe(5);
    expect(limitOf({ max_tokens: null })).toBeUndefined();
  });
});
