import { beforeAll, describe, expect, it } from 'vitest';
import { closeAfterAll, shareGateway } from '../gateway-harness.test-support.ts';
import { startCompletionProvider } from './completion-provider.test-support.ts';

const PNG =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const PDF = 'data:application/pdf;base64,JVBERi0xLjQK';
const parameters = { type: 'object', properties: { q: { type: 'string' } }, required: ['q'] };
const schema = { type: 'object', properties: { a: { type: 'string' } } };
const lookup = { type: 'function', name: 'lookup', parameters };
const chatLookup = { type: 'function', function: { name: 'lookup', parameters } };

const user = (content: unknown) => ({ messages: [{ role: 'user', content }] });
const input = (...content: object[]) => ({ input: [{ role: 'user', content }] });
const both = (fields: object) => [fields, fields] as const;

/** The fields of a Responses request and of the chat completion that asks the same. */
const REQUESTS: Readonly<Record<string, readonly [responses: object, chat: object]>> = {
  'a text': [{ input: 'Hi' }, user('Hi')],
  'text parts': [
    input({ type: 'input_text', text: 'a' }, { type: 'input_text', text: 'b' }),
    user([
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ]),
  ],
  'an image': [
    input({ type: 'input_image', image_url: PNG, detail: 'low' }),
    user([{ type: 'image_url', image_url: { url: PNG, detail: 'low' } }]),
  ],
  'a file': [
    input({ type: 'input_file', filename: 'a.pdf', file_data: PDF }, { type: 'input_text', text: 'What is in it?' }),
    user([
      { type: 'file', file: { file_data: PDF, filename: 'a.pdf' } },
      { type: 'text', text: 'What is in it?' },
    ]),
  ],
  'a file by its id': [input({ type: 'input_file', file_id: 'file-1' }), user([{ type: 'file', file: { file_id: 'file-1' } }])],
  audio: [
    input({ type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } }),
    user([{ type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } }]),
  ],
  instructions: [
    { instructions: 'Be brief.' },
    {
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
      ],
    },
  ],
  'a function': [{ tools: [lookup] }, { tools: [chatLookup] }],
  'options of tools': [
    { tools: [lookup], tool_choice: 'required', parallel_tool_calls: false },
    { tools: [chatLookup], tool_choice: 'required', parallel_tool_calls: false },
  ],
  'a chosen function': [
    { tools: [lookup], tool_choice: { type: 'function', name: 'lookup' } },
    { tools: [chatLookup], tool_choice: { type: 'function', function: { name: 'lookup' } } },
  ],
  JSON: [{ text: { format: { type: 'json_object' } } }, { response_format: { type: 'json_object' } }],
  'JSON with a schema': [
    { text: { format: { type: 'json_schema', name: 'a', schema, strict: true } } },
    { response_format: { type: 'json_schema', json_schema: { name: 'a', schema, strict: true } } },
  ],
  'a token limit': [{ max_output_tokens: 9 }, { max_tokens: 9 }],
  'sampling options': both({ temperature: 0, top_p: 0.5, seed: 7 }),
  'options of OpenAI': both({
    user: 'u',
    metadata: { a: 'b' },
    service_tier: 'flex',
    safety_identifier: 's',
    prompt_cache_key: 'k',
  }),
  'an unknown field': both({ top_k: 3 }),
  'log probabilities': [
    { include: ['message.output_text.logprobs'], top_logprobs: 2 },
    { logprobs: true, top_logprobs: 2 },
  ],
  'log probabilities of the tokens alone': [{ include: ['message.output_text.logprobs'] }, { logprobs: true }],
  reasoning: [
    { reasoning: { effort: 'low', summary: 'auto' }, text: { verbosity: 'high' } },
    { reasoning_effort: 'low', verbosity: 'high' },
  ],
  'fields without a counterpart': [
    {
      include: ['reasoning.encrypted_content'],
      store: false,
      truncation: 'auto',
      max_tool_calls: 3,
      client_metadata: { a: 'b' },
      context_management: [],
    },
    {},
  ],
  'null everywhere': [
    {
      instructions: null,
      tools: null,
      tool_choice: null,
      include: null,
      text: null,
      reasoning: null,
      metadata: null,
      temperature: null,
      max_output_tokens: null,
      top_logprobs: null,
      user: null,
      service_tier: null,
      stream_options: null,
    },
    {},
  ],
};

describe('a request of Responses and of chat completions', () => {
  const startShared = shareGateway('in one process');
  const onClose = closeAfterAll();
  let scripted: Awaited<ReturnType<typeof startCompletionProvider>>;
  beforeAll(async () => {
    scripted = await startCompletionProvider(onClose);
  });

  async function start() {
    scripted.respondWith({ message: { content: 'Hi.' } });
    return startShared({ topology: 'in one process', providers: [{ endpoints: [scripted.provider], acceptsOtherIds: true }] });
  }

  it.each(Object.keys(REQUESTS))('sends the same to the provider, whole and streamed: %s', async (name) => {
    const { post } = await start();
    const [responses, chat] = REQUESTS[name] ?? [];
    for (const stream of [false, true]) {
      const sent = async (path: string, body: object) => {
        const response = await post(path, { model: 'm', ...body, stream });
        expect([response.status, await response.text()]).toEqual([200, expect.not.stringContaining('"error":{')]);
        return scripted.request;
      };
      const expected = await sent('/v1/chat/completions', { ...user('Hi'), ...chat });
      expect(await sent('/v1/responses', { input: 'Hi', ...responses })).toEqual(expected);
    }
  });

  it('returns what the request asked for in the response object', async () => {
    const { post } = await start();
    const asked = {
      instructions: 'Be brief.',
      tools: [
        { type: 'namespace', name: 'notes', description: 'Notes.', tools: [lookup] },
        { ...lookup, description: null, strict: null },
      ],
      tool_choice: { type: 'function', name: 'lookup' },
      parallel_tool_calls: false,
      temperature: 0.5,
      top_p: 0.5,
      max_output_tokens: 9,
      max_tool_calls: 3,
      metadata: { a: 'b' },
      text: { format: { type: 'text' }, verbosity: 'low' },
      reasoning: { effort: 'low', summary: 'auto' },
      truncation: 'auto',
      service_tier: 'flex',
      top_logprobs: 2,
      user: 'u',
      safety_identifier: 's',
      prompt_cache_key: 'k',
    };
    const response = await post('/v1/responses', { model: 'm', input: 'Hi', store: true, ...asked });
    expect(await response.json()).toMatchObject({
      ...asked,
      status: 'completed',
      previous_response_id: null,
      store: false,
      background: false,
      incomplete_details: null,
      error: null,
    });
  });

  it.each([
    ['a model that is a number', { model: 1 }, 'model'],
    ['no input', { input: undefined }, 'input'],
    ['a temperature above the range', { temperature: 3 }, 'temperature'],
    ['a temperature as a text', { temperature: '1' }, 'temperature'],
    ['too many log probabilities', { top_logprobs: 21 }, 'top_logprobs'],
    ['a fraction of a token', { max_output_tokens: 1.5 }, 'max_output_tokens'],
    ['an unknown value to include', { include: ['everything'] }, 'include[0]'],
    ['an unknown truncation', { truncation: 'some' }, 'truncation'],
    ['an unknown summary', { reasoning: { summary: 'long' } }, 'reasoning.summary'],
    ['an unknown verbosity', { text: { verbosity: 'loud' } }, 'text.verbosity'],
    ['metadata that is not a text', { metadata: { a: 1 } }, 'metadata.a'],
    ['tools that are not a list', { tools: {} }, 'tools'],
    ['a tool without a type', { tools: [{}] }, 'tools[0].type'],
    ['an unknown tool choice', { tool_choice: 'some' }, 'tool_choice'],
    ['a parallel option as a text', { parallel_tool_calls: 'no' }, 'parallel_tool_calls'],
    ['an item of an unknown type', { input: [{ type: 'thought' }] }, 'input[0].type'],
    ['an earlier response', { previous_response_id: 'resp_1' }, 'previous_response_id'],
    ['work in the background', { background: true }, 'background'],
  ])('is rejected with the name of the field: %s', async (_case, fields, param) => {
    const { post } = await start();
    const response = await post('/v1/responses', { model: 'm', input: 'Hi', ...fields });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error', param } });
  });

  it.each([
    ['messages', 'input'],
    ['messages[0].content', 'input'],
    ['max_tokens', 'max_output_tokens'],
    ['response_format', 'text.format'],
    ['response_format.json_schema.schema', 'text.format.schema'],
    ['reasoning_effort', 'reasoning.effort'],
    ['logprobs', 'include'],
    ['tools[0].function', 'tools'],
  ])('names its own field when the provider rejects %s', async (param, expected) => {
    const { post } = await start();
    scripted.respondWith({ message: {}, error: { status: 400, body: { error: { message: `Wrong: '${param}'.`, param } } } });
    for (const stream of [false, true]) {
      const response = await post('/v1/responses', { model: 'm', input: 'Hi', stream });
      expect(await response.json()).toMatchObject({ error: { message: `Wrong: '${expected}'.`, param: expected } });
    }
    const chat = await post('/v1/chat/completions', { model: 'm', ...user('Hi') });
    expect(await chat.json()).toMatchObject({ error: { param } });
  });
});
