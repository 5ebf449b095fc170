import { createOpenAiCompatibleProvider, createProviderFactory } from '@prodigon/model-providers';
import { loadConfiguration } from '@prodigon/platform';
import type { ContentStore, ModelProvider } from '@prodigon/ports';
import { startFaultProvider } from '@prodigon/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { closeAfterAll, type Platform, startPlatform } from '../gateway-harness.test-support.ts';
import { EMBEDDING_CASES } from './embeddings-conformance.cases.test-support.ts';
import {
  assemble,
  CHAT_CASES,
  type ConformanceCase,
  EMPLOYEE_SCHEMA,
  FAST,
  type Json,
  TOOLS,
  user,
} from './openai-conformance.cases.test-support.ts';

const CHAT = '/v1/chat/completions';
const EMBEDDINGS = '/v1/embeddings';
const PAGE = '# Streaming\n\nA stream sends tokens as they arrive, so that readers wait less.\n';
const content: ContentStore = {
  list: async () => [{ path: 'docs/streaming.md', title: 'Streaming', section: 'docs' }] as never,
  read: async () => PAGE,
  readAsset: async () => ({ bytes: new Uint8Array(), mediaType: 'image/png' }),
  readSource: () => Promise.reject(new Error('not used')),
};

let platform: Platform;
let provider: Awaited<ReturnType<typeof startFaultProvider>>;
const onClose = closeAfterAll();

beforeAll(async () => {
  provider = await startFaultProvider();
  onClose(() => provider.close());
  const vendor = (name: string) => {
    const adapter = createOpenAiCompatibleProvider({ name, baseUrl: provider.baseUrl, connectTimeoutMs: 5_000 });
    onClose(() => adapter.close());
    const echo = <Request extends object>(request: Request) => ({ ...request, model: 'slow_0' });
    // One model each, so that the id selects the vendor.
    return {
      ...adapter,
      models: async () => [{ id: name }],
      complete: (request, context) => adapter.complete(echo(request), context),
      stream: (request, context) => adapter.stream(echo(request), context),
    } satisfies ModelProvider;
  };
  const offline = createProviderFactory(loadConfiguration({ env: {}, directory: import.meta.dirname }), content).create([]);
  const providers = [
    ...offline,
    { endpoints: [vendor('strict')] },
    { endpoints: [vendor('lenient')], acceptsOtherValues: true },
    { endpoints: [vendor('vectors')], models: { vectors: { kind: 'embedding' as const } } },
  ];
  platform = await startPlatform({ topology: 'in one process', providers }, onClose);
});

async function send(path: string, body: unknown) {
  const response = await platform.post(path, body);
  const text = await response.text();
  return { status: response.status, text, json: text.startsWith('{') ? JSON.parse(text) : {} };
}

async function chat(fields: object) {
  const { status, text, json } = await send(CHAT, { model: FAST, messages: user('Hi'), ...fields });
  expect([status, text.slice(0, 300)]).toEqual([200, expect.anything()]);
  return json;
}

/** Returns the chunks of a stream, and checks its end. */
async function stream(fields: object) {
  const { status, text } = await send(CHAT, { model: FAST, messages: user('Hi'), stream: true, ...fields });
  const frames = text.split('\n\n').filter(Boolean);
  expect([status, frames.pop()]).toEqual([200, 'data: [DONE]']);
  return frames.map((frame) => JSON.parse(frame.slice('data: '.length)));
}

function describeCases(path: string, cases: readonly ConformanceCase[]) {
  it.each(cases.map((each) => [each.name, each] as const))('%s', async (_name, { body, param }) => {
    const calls = provider.calls.length;
    const { status, text, json } = await send(path, body);
    if (param === undefined) return expect([status, text.slice(0, 300)]).toEqual([200, expect.anything()]);
    expect([status, json.error?.param, json.error?.type]).toEqual([400, param, 'invalid_request_error']);
    expect(json.error.message).toMatch(/^\S/);
    expect(json.error.message).not.toMatch(/\.\d+[.:]|Invalid input|expected|received| : /);
    expect(provider.calls).toHaveLength(calls);
  });
}

describe('POST /v1/chat/completions', () => {
  describeCases(CHAT, CHAT_CASES);
});

describe('POST /v1/embeddings', () => {
  describeCases(EMBEDDINGS, EMBEDDING_CASES);

  it('returns normalized vectors in order, of the requested size, equal for equal texts', async () => {
    const { json } = await send(EMBEDDINGS, { model: 'prodigon-embed', input: ['life', 'life', 'jokes'], dimensions: 64 });
    expect(json.data.map(({ index }: { index: number }) => index)).toEqual([0, 1, 2]);
    const [first, second, third] = json.data.map(({ embedding }: { embedding: number[] }) => embedding);
    expect(first).toHaveLength(64);
    expect(Math.hypot(...first)).toBeCloseTo(1, 3);
    expect([second, third]).toEqual([first, expect.not.arrayContaining(first)]);
    expect(json.usage.prompt_tokens).toBe(json.usage.total_tokens);
  });

  it('counts the tokens of every text', async () => {
    const tokensOf = async (input: unknown) =>
      (await send(EMBEDDINGS, { model: 'prodigon-embed', input })).json.usage.prompt_tokens;
    expect(await tokensOf(['This is a test', 'This is a test'])).toBe(2 * (await tokensOf('This is a test')));
  });

  it('returns the same vector in base64', async () => {
    const vectorIn = async (encoding_format: string | null) =>
      (await send(EMBEDDINGS, { model: 'prodigon-embed', input: 'text', encoding_format })).json.data[0].embedding;
    const numbers = await vectorIn(null);
    const bytes = Uint8Array.from(Buffer.from(await vectorIn('base64'), 'base64'));
    expect([...new Float32Array(bytes.buffer)]).toEqual(numbers.map(Math.fround));
  });
});

describe('a body that is no object', () => {
  it.each([CHAT, EMBEDDINGS, '/v1/responses'])('is refused by %s without a parameter', async (path) => {
    for (const body of [[], 'text', 42, null]) {
      const { status, json } = await send(path, body);
      expect([body, status, json.error]).toMatchObject([body, 400, { type: 'invalid_request_error', param: null }]);
    }
  });
});

describe('a vendor', () => {
  it.each([{ temperature: 5 }, { n: 0 }, { max_tokens: -1 }, { reasoning_effort: 'default' }])(
    'that accepts more receives %j, which others do not',
    async (fields) => {
      const before = provider.calls.length;
      await send(CHAT, { model: 'lenient', messages: user('Hi'), ...fields });
      expect(provider.calls.length).toBeGreaterThan(before);
      const after = provider.calls.length;
      expect((await send(CHAT, { model: 'strict', messages: user('Hi'), ...fields })).status).toBe(400);
      expect(provider.calls).toHaveLength(after);
    },
  );
});

describe('the simulator', () => {
  it('returns and streams the requested number of different choices', async () => {
    const fields = { n: 3, max_completion_tokens: 20, seed: 42 };
    const { choices, usage } = await chat(fields);
    expect(choices.map(({ index, finish_reason }: Json) => [index, finish_reason])).toEqual(
      [0, 1, 2].map((index) => [index, 'length']),
    );
    expect(new Set(choices.map(({ message }: Json) => message.content)).size).toBe(3);
    expect(usage.completion_tokens).toBe(60);
    const streamed = assemble(await stream(fields));
    expect(streamed.map(({ content }) => content)).toEqual(choices.map(({ message }: Json) => message.content));
  });

  it('repeats its text for a seed only', async () => {
    const say = async (seed: number) => (await chat({ seed, max_tokens: 20 })).choices[0].message.content;
    expect(await say(7)).toBe(await say(7));
    expect(await say(7)).not.toBe(await say(8));
  });

  it('ends before a stop sequence that spans tokens, whole and streamed', async () => {
    const full = (await chat({ seed: 1 })).choices[0].message.content as string;
    const stop = full.slice(30, 42);
    const expected = full.slice(0, full.indexOf(stop));
    const { message, finish_reason } = (await chat({ seed: 1, stop: [stop, 'absent'] })).choices[0];
    expect([message.content, finish_reason]).toEqual([expected, 'stop']);
    expect(assemble(await stream({ seed: 1, stop }))[0]).toMatchObject({ content: expected, finish: 'stop' });
  });

  it('reports log probabilities of every token', async () => {
    const fields = { logprobs: true, top_logprobs: 5, max_tokens: 5 };
    const { message, logprobs } = (await chat(fields)).choices[0];
    expect(logprobs.content.map(({ token }: Json) => token).join('')).toBe(message.content);
    for (const { logprob, top_logprobs, bytes, token } of logprobs.content) {
      expect(logprob).toBeLessThan(0);
      expect(top_logprobs).toHaveLength(5);
      expect(Buffer.from(bytes).toString()).toBe(token);
    }
    expect(assemble(await stream(fields))[0].tokens).toEqual(logprobs.content);
    expect((await chat({ logprobs: true, top_logprobs: 0, max_tokens: 1 })).choices[0].logprobs.content[0].top_logprobs).toEqual(
      [],
    );
    expect((await chat({ logprobs: false, max_tokens: 1 })).choices[0].logprobs).toBeNull();
  });

  it('reports log probabilities to Responses too', async () => {
    const body = { model: FAST, input: 'Hi', max_output_tokens: 3, include: ['message.output_text.logprobs'], top_logprobs: 2 };
    const { json } = await send('/v1/responses', body);
    const [part] = json.output[0].content;
    expect(part.logprobs.map(({ token }: Json) => token).join('')).toBe(part.text);
  });

  it.each([false, true])('names the field of Responses in the message and the parameter, streamed: %s', async (isStreamed) => {
    const format = { type: 'json_schema', name: 'a b', schema: {} };
    const { json } = await send('/v1/responses', { model: FAST, input: 'Hi', text: { format }, stream: isStreamed });
    expect(json.error).toMatchObject({ param: 'text.format.name', code: 'invalid_value' });
    expect(json.error.message).toContain('text.format.name: Must be 1 to 64');
    expect(json.error.message).not.toContain('response_format');
    const words = { model: FAST, input: 'word '.repeat(110_000), stream: isStreamed };
    expect((await send('/v1/responses', words)).json.error).toMatchObject({ param: 'input', code: 'context_length_exceeded' });
  });

  it('writes JSON that satisfies the schema, whole and streamed', async () => {
    expect(JSON.parse((await chat({ response_format: { type: 'json_object' } })).choices[0].message.content)).toEqual({
      text: expect.any(String),
    });
    const response_format = { type: 'json_schema', json_schema: { name: 'employee', strict: true, schema: EMPLOYEE_SCHEMA } };
    const { content } = (await chat({ response_format })).choices[0].message;
    z.fromJSONSchema(EMPLOYEE_SCHEMA as never).parse(JSON.parse(content));
    expect(assemble(await stream({ response_format }))[0]).toMatchObject({ content, finish: 'stop' });
  });

  it.each([
    ['required', 'required', ['weather']],
    ['named', { type: 'function', function: { name: 'run' } }, ['run']],
    [
      'allowed',
      { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'run' } }] } },
      ['run'],
    ],
  ])('calls the function that is %s, with valid arguments', async (_case, tool_choice, names) => {
    const { message, finish_reason } = (await chat({ tools: TOOLS, tool_choice })).choices[0];
    expect([message.content, finish_reason]).toEqual([null, 'tool_calls']);
    expect(message.tool_calls.map((call: Json) => call.function.name)).toEqual(names);
    for (const { function: called } of message.tool_calls) {
      const parameters = TOOLS.find((tool) => tool.function.name === called.name)?.function.parameters;
      z.fromJSONSchema(parameters as never).parse(JSON.parse(called.arguments));
    }
    const [streamed] = assemble(await stream({ tools: TOOLS, tool_choice }));
    expect(streamed).toMatchObject({ content: '', finish: 'tool_calls' });
    expect(streamed.calls.map((call: Json) => [call.name, call.arguments])).toEqual(
      message.tool_calls.map((call: Json) => [call.function.name, call.function.arguments]),
    );
  });

  it('ends a required call at the token limit, without an incomplete call', async () => {
    for (const tool_choice of ['required', { type: 'function', function: { name: 'weather' } }]) {
      const fields = { tools: TOOLS, tool_choice, max_completion_tokens: 1 };
      const [choice] = (await chat(fields)).choices;
      expect(choice.finish_reason).toBe('length');
      expect(assemble(await stream(fields))[0].finish).toBe('length');
    }
  });

  it('calls every function in parallel only where that is requested, and none with auto', async () => {
    const callsWith = async (fields: object) =>
      (await chat({ tools: TOOLS, ...fields })).choices[0].message.tool_calls?.length ?? 0;
    expect(await callsWith({ tool_choice: 'required', parallel_tool_calls: true })).toBe(2);
    expect(await callsWith({ tool_choice: 'required', parallel_tool_calls: false })).toBe(1);
    expect(await callsWith({ tool_choice: 'auto' })).toBe(0);
    expect(await callsWith({})).toBe(0);
  });

  it.each([
    ['repeats a simulated fault instead of opening a circuit breaker', '', [502, 502, 502, 502, 502, 502, 502]],
    ['opens a circuit breaker on request', '&circuit_breaker=true', [502, 502, 502, 502, 502, 503, 503]],
  ])('%s', async (_behavior, parameter, statuses) => {
    const fails = { model: `prodigon-sim?ttft_ms=0&fault=error_after&after=0${parameter}`, messages: user('Hi') };
    const received = [];
    for (let count = 0; count < 7; count++) received.push((await send(CHAT, fails)).status);
    expect(received).toEqual(statuses);
    expect((await chat({ max_tokens: 1 })).choices).toHaveLength(1);
  });

  it('rejects a bias for words', async () => {
    const { json } = await send(CHAT, { model: FAST, messages: user('Hi'), logit_bias: { 1: 1 } });
    expect(json.error.param).toBe('logit_bias');
  });
});

describe('the tutor', () => {
  it('ends before a stop sequence, and within its token limit', async () => {
    const ask = async (fields: object) => (await chat({ model: 'prodigon-tutor', ...fields })).choices[0];
    const full: string = (await ask({})).message.content;
    const stop = full.slice(10, 16);
    expect(await ask({ stop })).toMatchObject({ message: { content: full.slice(0, full.indexOf(stop)) }, finish_reason: 'stop' });
    expect(await ask({ max_tokens: 2 })).toMatchObject({
      message: { content: full.slice(0, 8).trimEnd() },
      finish_reason: 'length',
    });
  });
});

describe('a stream', () => {
  it.each([FAST, 'prodigon-tutor'])('has usage only where it was requested, and null before it: %s', async (model) => {
    const chunks = await stream({ model, stream_options: { include_usage: true, include_obfuscation: false } });
    const last = chunks.pop();
    expect([last.choices, last.usage.total_tokens]).toEqual([[], last.usage.prompt_tokens + last.usage.completion_tokens]);
    expect(new Set(chunks.map(({ usage }) => usage))).toEqual(new Set([null]));
    for (const { usage } of await stream({ model, stream_options: { include_usage: null } })) expect(usage).toBeUndefined();
  });

  it.each([FAST, 'prodigon-tutor'])('equals the whole response, with the role first and one finish reason: %s', async (model) => {
    const fields = { model, max_tokens: 12 };
    const { choices } = await chat(fields);
    const chunks = await stream(fields);
    expect(chunks[0].choices[0].delta.role).toBe('assistant');
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks.filter(({ choices: [choice] }) => choice.finish_reason !== null)).toHaveLength(1);
    const { message, finish_reason } = choices[0];
    expect(assemble(chunks)[0]).toMatchObject({ content: message.content, finish: finish_reason });
  });

  it('has the time of the vendor, as the whole response has', async () => {
    expect((await chat({ model: 'strict' })).created).toBe(1);
    const chunks = await stream({ model: 'strict', stream_options: { include_usage: true } });
    expect(new Set(chunks.map(({ created }) => created))).toEqual(new Set([1]));
  });
});

describe('GET /v1/models', () => {
  it('states the context of the offline chat models', async () => {
    const { data } = await (await fetch(`${platform.url}/v1/models`)).json();
    const contextOf = (id: string) => data.find((model: { id: string }) => model.id === id)?.context_window;
    expect(['prodigon-tutor', 'prodigon-sim', 'prodigon-embed'].map(contextOf)).toEqual([131_072, 131_072, undefined]);
  });

  it('lists models as OpenAI does, and returns each by its id', async () => {
    const list = await (await fetch(`${platform.url}/v1/models`)).json();
    expect(list.object).toBe('list');
    for (const model of list.data) {
      expect(model).toMatchObject({ object: 'model', created: expect.any(Number), owned_by: expect.any(String) });
      expect(await (await fetch(`${platform.url}/v1/models/${model.id}`)).json()).toEqual(model);
    }
  });

  it('returns 404 with the parameter for an unknown model', async () => {
    const response = await fetch(`${platform.url}/v1/models/no-such-model`);
    expect([response.status, (await response.json()).error]).toMatchObject([404, { code: 'model_not_found', param: 'model' }]);
  });
});
