import { describe, expect, it } from 'vitest';
import { chatRequestSchema, maxOutputTokens, messageText } from './chat-request.ts';

describe('messageText', () => {
  it.each([
    ['a string', 'Hello', 'Hello'],
    ['nothing', null, ''],
    ['left out', undefined, ''],
    [
      'parts, of which only text counts',
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
    ['no message', { messages: [] }],
    ['a speaker that nobody is', { messages: [{ role: 'wizard', content: 'Hi' }] }],
    ['a model without a name', { messages, model: '' }],
    ['no room for an answer', { messages, max_tokens: 0 }],
    ['a temperature out of range', { messages, temperature: 2.1 }],
  ])('is rejected with %s', (_case, request) => {
    expect(chatRequestSchema.safeParse(request).success).toBe(false);
  });

  it('takes its token limit from the newer field before the older one', () => {
    const limitOf = (fields: object) => maxOutputTokens(chatRequestSchema.parse({ messages, ...fields }));
    expect(limitOf({ max_tokens: 5, max_completion_tokens: 7 })).toBe(7);
    expect(limitOf({ max_tokens: 5, max_completion_tokens: null })).toBe(5);
    expect(limitOf({ max_tokens: null })).toBeUndefined();
  });
});
