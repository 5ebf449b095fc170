import { createOpenAiCompatibleProvider, createSimulatorProvider } from '@prodigon/model-providers';
import { startFaultProvider } from '@prodigon/testing';
import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { type ScriptedCompletion, startCompletionProvider } from '../completion-provider.test-support.ts';
import { type ResponsesPlatformOptions, startResponses } from './responses.test-support.ts';

const WORDS = ['Streams ', '"carry",\n', 'line\u2028breaks ', '👩‍🚀 ', 'data: [DONE]\n\n', 'end.'];
const TEXT = WORDS.join('');
const look = { type: 'function', name: 'look', description: null, parameters: { type: 'object' }, strict: null } as const;
const callOf = (id: string, at: string) =>
  ({ id, type: 'function', function: { name: 'look', arguments: `{"at":"${at}"}` } }) as const;
const TOOLS: ScriptedCompletion = {
  message: {
    reasoning_content: 'Two places.',
    content: 'Let me look.',
    tool_calls: [callOf('call_a', 'home'), callOf('call_b', 'work')],
  },
  finish: 'tool_calls',
};

async function startWithFaults(options: Partial<ResponsesPlatformOptions> = {}) {
  const faults = await startFaultProvider({ words: WORDS });
  onTestFinished(() => faults.close());
  const { baseUrl } = faults;
  const provider = createOpenAiCompatibleProvider({ name: 'faulty', baseUrl, apiKey: 'sk-ours', connectTimeoutMs: 5_000 });
  onTestFinished(() => provider.close());
  return { ...(await startResponses({ provider, ...options })), faults };
}

async function startWithScript(completion: ScriptedCompletion) {
  const scripted = await startCompletionProvider();
  scripted.respondWith(completion);
  return { ...(await startResponses({ provider: scripted.provider })), requests: scripted.requests };
}

describe('responses with the OpenAI SDK', () => {
  it('creates a response', async () => {
    const { openai } = await startWithFaults();
    const response = await openai.responses.create({ model: 'healthy', input: 'Hi', store: true });
    expect(response.output_text).toBe(TEXT);
    expect(response).toMatchObject({ id: expect.stringMatching(/^resp_/), status: 'completed', model: 'healthy', store: false });
    expect(response.usage).toMatchObject({ input_tokens: 7, output_tokens: WORDS.length, total_tokens: 7 + WORDS.length });
  });

  it('streams a response that the SDK accumulates', async () => {
    const { openai } = await startWithFaults();
    const stream = openai.responses.stream({ model: 'healthy', input: 'Hi' });
    const types: string[] = [];
    let streamed = '';
    let snapshot = '';
    stream.on('response.output_text.delta', (event) => {
      ({ snapshot } = event);
    });
    for await (const event of stream) {
      types.push(event.type);
      if (event.type === 'response.output_text.delta') streamed += event.delta;
    }
    const final = await stream.finalResponse();
    expect([streamed, snapshot, final.output_text]).toEqual([TEXT, TEXT, TEXT]);
    expect(final.usage?.total_tokens).toBe(7 + WORDS.length);
    expect([types.at(0), types.at(-1)]).toEqual(['response.created', 'response.completed']);
  });

  it('streams raw events', async () => {
    const { openai } = await startWithFaults();
    const numbers: number[] = [];
    for await (const event of await openai.responses.create({ model: 'healthy', input: 'Hi', stream: true })) {
      numbers.push(event.sequence_number);
    }
    expect(numbers).toEqual(numbers.map((_number, index) => index));
    expect(numbers.length).toBeGreaterThan(WORDS.length);
  });

  it('sends frames named by their type, without [DONE]', async () => {
    const { baseURL } = await startWithFaults();
    const response = await fetch(`${baseURL}/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'healthy', input: 'Hi', stream: true }),
    });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const frames = (await response.text()).split('\n\n');
    expect(frames.pop()).toBe('');
    for (const frame of frames) {
      const [, type, data] = /^event: ([a-z_.]+)\ndata: (\{[^\n]*\})$/.exec(frame) ?? [];
      expect(JSON.parse(data ?? '').type).toBe(type);
    }
    expect(frames.at(-1)).toMatch(/^event: response\.completed\n/);
  });

  it.each(['without streaming', 'streamed'])('returns reasoning, text and function calls together, %s', async (mode) => {
    const { openai } = await startWithScript(TOOLS);
    const body = { model: 'script', input: 'Hi', tools: [look] };
    const response = await (mode === 'streamed'
      ? openai.responses.stream(body).finalResponse()
      : openai.responses.create({ ...body }));
    expect(response.output).toMatchObject([
      { type: 'reasoning', summary: [{ text: 'Two places.' }] },
      { type: 'message', content: [{ text: 'Let me look.' }] },
      { type: 'function_call', call_id: 'call_a', name: 'look', arguments: '{"at":"home"}' },
      { type: 'function_call', call_id: 'call_b', name: 'look', arguments: '{"at":"work"}' },
    ]);
    expect(response.tools).toEqual([look]);
    expect(response.usage).toMatchObject({ input_tokens: 3, output_tokens: 4, total_tokens: 7 });
  });

  it('accepts its own output as input, with the results of function calls', async () => {
    const { openai, requests } = await startWithScript(TOOLS);
    const first = await openai.responses.create({ model: 'script', input: 'Hi', tools: [look] });
    const results = ['call_a', 'call_b'].map((call_id) => ({ type: 'function_call_output' as const, call_id, output: 'seen' }));
    await openai.responses.create({
      model: 'script',
      input: [{ role: 'user', content: 'Hi' }, ...first.output, ...results] as OpenAI.Responses.ResponseInput,
    });
    expect(requests.at(-1)?.messages).toMatchObject([
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Let me look.', tool_calls: [{ id: 'call_a' }, { id: 'call_b' }] },
      { role: 'tool', tool_call_id: 'call_a', content: 'seen' },
      { role: 'tool', tool_call_id: 'call_b', content: 'seen' },
    ]);
  });

  it('returns JSON for a schema', async () => {
    const { openai, requests } = await startWithScript({ message: { content: '{"place":"home"}' } });
    const format = zodTextFormat(z.object({ place: z.string() }), 'place');
    const response = await openai.responses.parse({ model: 'script', input: 'Hi', text: { format } });
    expect(response.output_parsed).toEqual({ place: 'home' });
    expect(requests[0]?.response_format).toMatchObject({
      type: 'json_schema',
      json_schema: { name: 'place', strict: true, schema: { required: ['place'] } },
    });
  });

  it('returns an incomplete response at the token limit', async () => {
    const { openai } = await startResponses({ provider: createSimulatorProvider() });
    const body = { model: 'prodigon-sim?ttft_ms=0&tokens_per_s=5000&tokens=50', input: 'Hi', max_output_tokens: 5 };
    const whole = await openai.responses.create(body);
    const streamed = await openai.responses.stream(body).finalResponse();
    for (const { status, incomplete_details, usage } of [whole, streamed]) {
      expect({ status, incomplete_details, tokens: usage?.output_tokens }).toEqual({
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
        tokens: 5,
      });
    }
  });
});

describe('failed responses', () => {
  it.each([true, false])('returns an HTTP error for a failure before the first content, with stream: %s', async (stream) => {
    const { openai, faults } = await startWithFaults();
    const requested = openai.responses.create({ model: 'status_429', input: 'Hi', stream });
    await expect(requested).rejects.toMatchObject({ status: 429 });
    await expect(requested).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    expect(faults.calls).toHaveLength(1);
  });

  it.each(['cut_mid_stream', 'end_without_finish', 'error_frame'])(
    'ends a response that fails in mid-stream as failed and keeps its output: %s',
    async (model) => {
      const { openai, faults, log } = await startWithFaults();
      const final = await openai.responses.stream({ model, input: 'Hi' }).finalResponse();
      expect(final).toMatchObject({
        status: 'failed',
        error: { code: 'server_error', message: expect.stringMatching(/^The .*\.$/) },
      });
      expect(final.output_text).toBe('Streams "carry",\n');
      expect(faults.calls).toHaveLength(1);
      expect(JSON.stringify(final) + log()).not.toContain('canary');
      await expect(openai.responses.create({ model, input: 'Hi' })).rejects.toMatchObject({ status: 502 });
    },
  );

  it('stops a response that exceeds the size limit', async () => {
    const { openai, faults } = await startWithFaults();
    const final = await openai.responses.stream({ model: 'flood', input: 'Hi' }).finalResponse();
    expect(final).toMatchObject({ status: 'failed', error: { message: 'The response of the model provider is too large.' } });
    await Promise.all(faults.calls.map(({ disconnected }) => disconnected));
    expect(faults.calls).toHaveLength(1);
    await expect(openai.responses.create({ model: 'flood', input: 'Hi' })).rejects.toMatchObject({ status: 502 });
  });

  it('sends one error event for a failure after the headers and before the first content', async () => {
    const { openai } = await startWithFaults({ openAfterMs: 5, heartbeatMs: 10, firstTokenMs: 100 });
    const stream = await openai.responses.create({ model: 'silent_stream', input: 'Hi', stream: true });
    const read = async () => {
      for await (const _event of stream);
    };
    await expect(read()).rejects.toMatchObject({ code: 'deadline_exceeded' });
  });

  it('rejects a request that refers to an earlier response', async () => {
    const { openai, faults } = await startWithFaults();
    await expect(openai.responses.create({ input: 'Hi', previous_response_id: 'resp_1' })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('send the whole conversation as input'),
    });
    expect(faults.calls).toHaveLength(0);
  });

  it('rejects requests over the limit of concurrent completions', async () => {
    const { openai, faults } = await startWithFaults({ streamsMax: 1 });
    const arriving = faults.nextCall();
    const first = openai.responses.stream({ model: 'stall', input: 'Hi' });
    const aborted = first.finalResponse().catch(() => {});
    await arriving;
    await expect(openai.responses.create({ model: 'healthy', input: 'Hi' })).rejects.toMatchObject({ status: 503 });
    first.abort();
    await aborted;
  });
});

describe('a client that disconnects from a response', () => {
  it.each([
    ['before the first content', 'hang', true],
    ['in mid-stream', 'stall', true],
    ['without streaming', 'stall', false],
  ])('cancels the provider call and ends the active request, %s', async (_case, model, stream) => {
    const { openai, faults, metrics, log } = await startWithFaults();
    const disconnecting = new AbortController();
    const arriving = faults.nextCall();
    const requested = openai.responses.create({ model, input: 'Hi', stream }, { signal: disconnecting.signal });
    const read = requested.then(async (response) => {
      if (Symbol.asyncIterator in response)
        for await (const event of response) if (event.type.endsWith('.delta')) disconnecting.abort();
    });
    const call = await arriving;
    if (model === 'hang' || !stream) disconnecting.abort();
    await read.catch(() => {});
    await call.disconnected;
    await vi.waitFor(() => expect(log()).toContain('"status":499'));
    expect((await metrics.activeGenerations.get()).values[0]?.value).toBe(0);
  });
});
