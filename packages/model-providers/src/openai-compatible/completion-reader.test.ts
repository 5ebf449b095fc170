import { describe, expect, it } from 'vitest';
import { readCompletion } from './completion-reader.ts';

const COUNTS = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
const ENVELOPE = { id: 'c', object: 'chat.completion', created: 1, model: 'm' };
const MESSAGE = { role: 'assistant', content: 'Hi' };
const completion = (choice: object = {}, more: object = {}) =>
  JSON.stringify({
    ...ENVELOPE,
    choices: [{ index: 0, message: MESSAGE, finish_reason: 'stop', ...choice }],
    usage: COUNTS,
    ...more,
  });
const read = (text: string) => readCompletion(text, { id: 'chatcmpl-1', created: 7, model: 'm' });
const messageOf = (text: string) => JSON.parse(read(text).body ?? '').choices[0].message;

describe('a completion', () => {
  it.each([
    ['text', completion()],
    ['text after spaces', completion().replaceAll(',', ' ,\n')],
    [
      'unknown fields',
      completion({ logprobs: { content: [] }, message: { ...MESSAGE, annotations: [] } }, { service_tier: 'flex' }),
    ],
    ['reasoning', completion({ message: { ...MESSAGE, reasoning: 'Hm', refusal: null } })],
    ['details of the usage', completion({}, { usage: { ...COUNTS, prompt_tokens_details: { cached_tokens: 2 } } })],
  ])('passes unchanged with %s', (_case, text) => {
    expect(read(text)).toMatchObject({ text: 'Hi', finish: 'stop', usage: COUNTS, body: text });
  });

  it('has an empty text when the message has none, and keeps its tool calls', () => {
    const tool_calls = [{ id: 'a', type: 'function', function: { name: 'now', arguments: '{}' } }];
    const text = completion({ message: { role: 'assistant', content: null, tool_calls }, finish_reason: 'tool_calls' });
    expect(read(text)).toEqual({
      text: '',
      finish: 'tool_calls',
      usage: COUNTS,
      body: text,
      choice: JSON.parse(text).choices[0],
    });
  });

  it('has the refusal as its text when it has no other', () => {
    expect(read(completion({ message: { role: 'assistant', content: null, refusal: 'No.' } })).text).toBe('No.');
  });

  it.each<[string, object | undefined]>([
    ['null', { finish_reason: null }],
    ['empty', { finish_reason: '' }],
    ['missing', { finish_reason: undefined }],
    ['not a text', { finish_reason: { type: 'stop' } }],
  ])('ends normally when its finish reason is %s', (_case, choice) => {
    const { finish, body } = read(completion(choice));
    expect([finish, JSON.parse(body ?? '').choices[0].finish_reason]).toEqual(['stop', 'stop']);
  });

  it('ends with tool calls when it has some and no finish reason', () => {
    const tool_calls = [{ function: { name: 'now', arguments: {} } }];
    expect(read(completion({ message: { ...MESSAGE, tool_calls }, finish_reason: null })).finish).toBe('tool_calls');
  });

  it('has the text of content parts, and their reasoning', () => {
    const content = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] },
      { type: 'text', text: 'Hello' },
      { type: 'output_text', text: ' world' },
    ];
    const text = completion({ message: { role: 'assistant', content } });
    expect(read(text).text).toBe('Hello world');
    expect(messageOf(text)).toEqual({ role: 'assistant', content: 'Hello world', reasoning_content: 'Hm' });
  });

  it.each([
    ['reasoning beside an empty one', { reasoning: 'Hm', reasoning_content: '' }],
    ['details beside an empty one', { reasoning_content: '', reasoning_details: [{ type: 'reasoning.text', text: 'Hm' }] }],
  ])('has its reasoning where clients read it: %s', (_case, fields) => {
    expect(messageOf(completion({ message: { ...MESSAGE, ...fields } })).reasoning_content).toBe('Hm');
  });

  it.each<[string, object, object]>([
    ['another role', { message: { content: 'Hi' } }, { message: MESSAGE }],
    ['a delta for a message', { message: undefined, delta: { content: 'Hi' } }, { message: MESSAGE }],
    ['a text for a message', { message: undefined, text: 'Hi' }, { message: MESSAGE }],
    ['no index', { index: null }, { index: 0, message: MESSAGE }],
  ])('is repaired: %s', (_case, choice, expected) => {
    const { text, body } = read(completion(choice));
    expect(text).toBe('Hi');
    expect(JSON.parse(body ?? '').choices).toEqual([{ index: 0, finish_reason: 'stop', ...expected }]);
  });

  it('gets the fields of its envelope that are missing', () => {
    const { body } = read(JSON.stringify({ choices: [{ index: 0, message: MESSAGE, finish_reason: 'stop' }] }));
    expect(JSON.parse(body ?? '')).toMatchObject({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 7,
      model: 'm',
    });
  });

  it('loses a malformed usage, and keeps what can be read of it', () => {
    const { usage, body } = read(completion({}, { usage: { prompt_tokens: 3, completion_tokens: null } }));
    expect(usage).toEqual({ prompt_tokens: 3, isPartial: true });
    expect(JSON.parse(body ?? '').usage).toBeUndefined();
  });

  it('may start with a byte order mark', () => {
    expect(read(`\ufeff${completion()}`)).toMatchObject({ text: 'Hi', body: completion() });
  });

  it('is assembled from a stream, which some providers send although none was requested', () => {
    const chunk = (delta: object, more: object = {}) =>
      `data: ${JSON.stringify({ ...ENVELOPE, choices: [{ index: 0, delta, finish_reason: null }], ...more })}\n\n`;
    const call = { index: 0, id: 'a', type: 'function', function: { name: 'now', arguments: '{' } };
    const { text, finish, usage, body } = read(
      [
        ': comment\n\n',
        chunk({ role: 'assistant', reasoning_content: 'Hm' }),
        chunk({ content: 'Hel' }),
        chunk({ content: 'lo' }),
        chunk({ tool_calls: [call] }),
        chunk({ tool_calls: [{ index: 0, function: { arguments: '}' } }] }),
        chunk({}, { choices: [], usage: COUNTS }),
        'data: [DONE]',
      ].join(''),
    );
    expect({ text, finish, usage }).toEqual({ text: 'Hello', finish: 'tool_calls', usage: COUNTS });
    const message = {
      role: 'assistant',
      content: 'Hello',
      reasoning_content: 'Hm',
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'now', arguments: '{}' } }],
    };
    expect(JSON.parse(body ?? '')).toEqual({
      ...ENVELOPE,
      choices: [{ index: 0, message, finish_reason: 'tool_calls' }],
      usage: COUNTS,
    });
  });

  it.each([
    ['no choice', JSON.stringify({ choices: [], usage: COUNTS })],
    ['null choices', JSON.stringify({ choices: null })],
    ['an unexpected shape', '"a text"'],
    ['null', 'null'],
    ['a body that is not JSON', '<html>'],
    ['an empty body', ''],
    ['a stream without an end', 'data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n'],
  ])('is rejected with %s', (_case, text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'INFERENCE_ERROR' }));
  });

  it('is the error in its body', () => {
    const error = { message: 'Too long', code: 'context_length_exceeded' };
    expect(() => read(JSON.stringify({ error }))).toThrow(expect.objectContaining({ code: 'CONTEXT_LENGTH_EXCEEDED' }));
  });
});

it('assembles refusals, annotations and log probabilities from a stream that was not requested', () => {
  const token = { token: 'Hi', logprob: -1 };
  const citation = { type: 'url_citation', url_citation: { url: 'https://example.org' } };
  const choices = [
    { delta: { content: 'Hi' }, logprobs: { content: [token] } },
    { delta: { annotations: [citation] } },
    { delta: { refusal: 'No.' }, finish_reason: 'stop' },
  ];
  const stream = choices.map((choice) => `data: ${JSON.stringify({ choices: [{ index: 0, ...choice }] })}\n\n`).join('');
  const { body, text } = readCompletion(`${stream}data: [DONE]\n\n`, { id: 'chatcmpl-1', created: 7, model: 'm' });
  expect(text).toBe('Hi');
  expect(JSON.parse(body ?? '').choices).toEqual([
    {
      index: 0,
      message: { role: 'assistant', content: 'Hi', refusal: 'No.', annotations: [citation] },
      logprobs: { content: [token] },
      finish_reason: 'stop',
    },
  ]);
});

it('assembles every choice from a stream that was not requested', () => {
  const call = (text: string) => ({
    tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'now', arguments: text } }],
  });
  const chunks = [
    [{ index: 1, delta: { role: 'assistant', content: 'Tw' } }],
    [{ index: 0, delta: { role: 'assistant', content: 'One' } }],
    [
      { index: 1, delta: { content: 'o' } },
      { index: 2, delta: call('{"a"') },
    ],
    [{ index: 2, delta: { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] } }],
    [{ index: 3, delta: call('') }],
    [{ index: 0, delta: {}, finish_reason: 'stop' }],
    [{ index: 1, delta: {}, finish_reason: 'length' }],
  ].map((choices) => ({ ...ENVELOPE, choices }));
  const frames = [...chunks, { ...ENVELOPE, choices: [], usage: COUNTS }].map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`);
  const { body, ...completion } = read(`${frames.join('')}data: [DONE]\n\n`);
  const calling = (text: string) => ({
    role: 'assistant',
    content: null,
    tool_calls: [{ id: 'a', type: 'function', function: { name: 'now', arguments: text } }],
  });
  expect(completion).toMatchObject({ text: 'One', finish: 'stop', usage: COUNTS, choice: { index: 0 } });
  expect(JSON.parse(body ?? '')).toMatchObject({
    choices: [
      { index: 0, message: { content: 'One' }, finish_reason: 'stop' },
      { index: 1, message: { content: 'Two' }, finish_reason: 'length' },
      { index: 2, message: calling('{"a":1}'), finish_reason: 'tool_calls' },
      { index: 3, message: calling('{}'), finish_reason: 'tool_calls' },
    ],
    usage: COUNTS,
  });
  // Without `[DONE]`, the choices without a finish reason are cut.
  expect(() => read(frames.join(''))).toThrow(expect.objectContaining({ code: 'INFERENCE_ERROR' }));
});

it('keeps calls of custom tools from a stream that was not requested', () => {
  const calls = [
    { index: 0, id: 'a', type: 'custom', custom: { name: 'patch', input: '***' } },
    { index: 0, custom: { input: ' End' } },
  ];
  const frames = calls.map((each) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: [each] } }] })}\n\n`);
  expect(messageOf(`${frames.join('')}data: [DONE]\n\n`).tool_calls).toEqual([
    { id: 'a', type: 'custom', custom: { name: 'patch', input: '*** End' } },
  ]);
});
