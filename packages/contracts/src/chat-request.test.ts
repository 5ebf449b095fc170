import { describe, expect, it } from 'vitest';
import { findLimitProblems } from './chat-limits.ts';
import { type ChatRequest, chatRequestSchema, maxOutputTokens, messageText } from './chat-request.ts';
import { flattenIssues } from './field-problems.ts';

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
    ['more than 8192 messages', { messages: Array(8_193).fill(messages[0]) }],
    ['an empty list of parts', { messages: [{ role: 'user', content: [] }] }],
    ['a temperature that is no number', { messages, temperature: '1' }],
  ])('is rejected with %s', (_case, request) => {
    expect(chatRequestSchema.safeParse(request).success).toBe(false);
  });

  it('is accepted at its limits', () => {
    const limits = { model: 'm'.repeat(256), temperature: 2, max_tokens: 1 };
    expect(chatRequestSchema.safeParse({ messages: Array(8_192).fill(messages[0]), ...limits }).success).toBe(true);
    expect(chatRequestSchema.safeParse({ messages, model: 'm', temperature: 0 }).success).toBe(true);
  });

  it('prefers max_completion_tokens to the older max_tokens', () => {
    const limitOf = (fields: object) => maxOutputTokens(chatRequestSchema.parse({ messages, ...fields }));
    expect(limitOf({ max_tokens: 5, max_completion_tokens: 7 })).toBe(7);
    expect(limitOf({ max_tokens: 5, max_completion_tokens: null })).toBe(5);
    expect(limitOf({ max_tokens: null })).toBeUndefined();
  });
});

describe('an invalid field of a chat request', () => {
  const messages = [{ role: 'user', content: 'Hi' }];
  const tool = { type: 'function', function: { name: 'f' } };
  const pathOf = (fields: object) => {
    const { error } = chatRequestSchema.safeParse({ messages, ...fields });
    return flattenIssues(error?.issues ?? []).map(({ path }) => path.join('.'))[0];
  };
  const message = (fields: object) => ({ messages: [...messages, fields] });

  it.each([
    ['messages', { messages: 'Hi' }],
    ['messages.0', { messages: [1] }],
    ['messages.0.role', { messages: [{}] }],
    ['messages.1.role', message({ role: 'wizard', content: 'Hi' })],
    ['messages.1.content', message({ role: 'user', content: 1 })],
    ['messages.1.content', message({ role: 'user', content: null })],
    ['messages.1.content', message({ role: 'system' })],
    ['messages.1.content', message({ role: 'assistant', content: null })],
    ['messages.1.content', message({ role: 'assistant', tool_calls: [] })],
    ['messages.1.content', message({ role: 'user', content: [] })],
    ['messages.1.content.0.type', message({ role: 'user', content: [{ text: 'Hi' }] })],
    ['messages.1.content.0.text', message({ role: 'user', content: [{ type: 'text' }] })],
    [
      'messages.1.content.1.text',
      message({
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 1 },
        ],
      }),
    ],
    ['messages.1.content.0.image_url', message({ role: 'user', content: [{ type: 'image_url' }] })],
    ['messages.1.tool_call_id', message({ role: 'tool', content: 'x' })],
    ['messages.1.name', message({ role: 'function', content: 'x' })],
    ['messages.1.tool_calls.0.id', message({ role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: '' } }] })],
    ['messages.1.tool_calls.0.function', message({ role: 'assistant', tool_calls: [{ id: 'a' }] })],
    [
      'messages.1.tool_calls.0.function.arguments',
      message({ role: 'assistant', tool_calls: [{ id: 'a', function: { name: 'f' } }] }),
    ],
    ['n', { n: 'x' }],
    ['n', { n: 1.5 }],
    ['top_p', { top_p: 'x' }],
    ['stop', { stop: 5 }],
    ['stop.1', { stop: ['a', 5] }],
    ['seed', { seed: 0.5 }],
    ['seed', { seed: 2 ** 63 }],
    ['tools', { tools: 'x' }],
    ['tools.0.function', { tools: [{ type: 'function' }] }],
    ['tools.0.function.name', { tools: [{ type: 'function', function: {} }] }],
    ['tools.0.function.parameters', { tools: [{ type: 'function', function: { name: 'f', parameters: 1 } }] }],
    ['tool_choice', { tools: [tool], tool_choice: 1 }],
    ['tool_choice.function.name', { tools: [tool], tool_choice: { type: 'function', function: { name: 'g' } } }],
    ['tool_choice.function', { tools: [tool], tool_choice: { type: 'function' } }],
    [
      'tool_choice.allowed_tools.tools.0.function',
      {
        tools: [tool],
        tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [{ type: 'function', name: 'f' }] } },
      },
    ],
    ['response_format.type', { response_format: {} }],
    ['response_format.json_schema', { response_format: { type: 'json_schema' } }],
    ['response_format.json_schema.schema', { response_format: { type: 'json_schema', json_schema: { name: 'x' } } }],
    ['logit_bias.5', { logit_bias: { 5: 'x' } }],
    ['metadata.a', { metadata: { a: 1 } }],
    ['stream_options.include_usage', { stream: true, stream_options: { include_usage: 'x' } }],
  ])('is named as %s', (path, fields) => {
    expect(pathOf(fields)).toBe(path);
  });

  it('is not one that is null or unknown', () => {
    const optional = Object.keys(chatRequestSchema.shape).filter((field) => field !== 'messages');
    expect(chatRequestSchema.safeParse({ messages, ...Object.fromEntries(optional.map((field) => [field, null])) }).success).toBe(
      true,
    );
    const unknown = { role: 'user', content: [{ type: 'video_url', video_url: { url: 'x' } }], weight: 1 };
    expect(pathOf({ messages: [unknown], min_tokens: 'x' })).toBeUndefined();
  });

  it('is not a null in the field of another type', () => {
    const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' }, custom: null };
    const part = { text: null, refusal: null, image_url: null, input_audio: null, file: null };
    const fields = {
      messages: [
        {
          role: 'user',
          content: [
            { ...part, type: 'text', text: 'Hi' },
            { ...part, type: 'image_url', image_url: { url: 'x' } },
          ],
        },
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'a', content: 'x' },
      ],
      tools: [{ ...tool, custom: null }],
      tool_choice: { type: 'function', function: { name: 'f' }, custom: null, allowed_tools: null },
      response_format: { type: 'text', json_schema: null },
    };
    const { data } = chatRequestSchema.safeParse(fields);
    expect(data).toEqual(fields);
    expect(findLimitProblems(data as ChatRequest)).toEqual([]);
  });

  it.each([
    ['messages.1.content.0.text', message({ role: 'user', content: [{ type: 'text', text: null }] })],
    ['messages.1.tool_calls.0.function', message({ role: 'assistant', tool_calls: [{ id: 'a', function: null, custom: null }] })],
    ['tools.0.function', { tools: [{ type: 'function', function: null }] }],
    ['tool_choice.function', { tools: [tool], tool_choice: { type: 'function', function: null } }],
    ['response_format.json_schema', { response_format: { type: 'json_schema', json_schema: null } }],
  ])('is a null in the field of its own type: %s', (path, fields) => {
    expect(pathOf(fields)).toBe(path);
  });

  it('is not a message that the role allows', () => {
    const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } };
    const allowed = [
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'assistant', tool_calls: [{ id: 'a', type: 'custom', custom: { name: 'f', input: '' } }] },
      { role: 'assistant', content: null, refusal: 'No.' },
      { role: 'assistant', content: null, function_call: call.function },
      { role: 'tool', tool_call_id: 'a', content: 'x' },
      { role: 'function', name: 'f', content: null },
      { role: 'developer', content: [{ type: 'text', text: 'a' }] },
    ];
    expect(chatRequestSchema.parse({ messages: allowed }).messages).toEqual(allowed);
  });
});
