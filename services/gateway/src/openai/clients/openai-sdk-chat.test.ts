import OpenAI from 'openai';
import { describe, expect, it, vi } from 'vitest';
import { shareGateway, TOPOLOGIES } from '../../gateway-harness.test-support.ts';
import { type ClientsOptions, collect, HI, startForClients, TEXT, TIME, USAGE, WEATHER, WORDS } from './clients.test-support.ts';

describe.each(TOPOLOGIES)('chat completions with the OpenAI SDK, model service %s', (topology) => {
  const startBehindSharedGateway = shareGateway(topology);

  async function start(options: ClientsOptions = {}) {
    const platform = await startForClients(topology, options, startBehindSharedGateway);
    return { ...platform, openai: new OpenAI({ baseURL: platform.baseURL, apiKey: 'any' }) };
  }

  it('creates a completion with its provider, model and attempts in the headers', async () => {
    const { openai } = await start();
    const { data, response, request_id } = await openai.chat.completions
      .create({ model: 'healthy', messages: HI })
      .withResponse();
    expect(data).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { role: 'assistant', content: TEXT }, finish_reason: 'stop' }],
      usage: USAGE,
    });
    expect(request_id).toMatch(/\S/);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-prodigon-provider': 'faulty',
      'x-prodigon-model': 'healthy',
      'x-prodigon-attempts': '1',
      'openai-processing-ms': expect.stringMatching(/^\d+$/),
    });
  });

  it('receives the rate limits of the provider as headers', async () => {
    const { openai } = await start();
    for (const stream of [false, true]) {
      const request = openai.chat.completions.create({ model: 'ratelimit_headers', messages: HI, stream });
      const { response } = await request.withResponse();
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'x-prodigon-upstream-ratelimit-limit-requests': '14400',
        'x-prodigon-upstream-ratelimit-remaining-tokens': '17997',
        'x-prodigon-upstream-ratelimit-reset-tokens': '7.66s',
      });
    }
  });

  it.each(['healthy', 'split_utf8', 'comment_frames', 'choices_empty', 'usage_null'])(
    'streams the complete text under one id, starting with the role and without usage: %s',
    async (model) => {
      const { openai } = await start();
      const chunks = await collect(await openai.chat.completions.create({ model, messages: HI, stream: true }));
      expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(TEXT);
      const choices = chunks.flatMap(({ choices }) => choices);
      expect([choices[0]?.delta.role, choices.at(-1)?.finish_reason]).toEqual(['assistant', 'stop']);
      expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
      expect(chunks.filter(({ usage }) => usage)).toEqual([]);
    },
  );

  it.each(['healthy', 'no_usage', 'usage_null'])(
    'receives the usage in the last chunk if include_usage is set: %s',
    async (model) => {
      const { openai } = await start();
      const body = { model, messages: HI, stream: true, stream_options: { include_usage: true } } as const;
      const chunks = await collect(await openai.chat.completions.create(body));
      const last = chunks.at(-1);
      expect(last?.choices).toEqual([]);
      expect(last?.usage?.total_tokens).toBeGreaterThan(WORDS.length);
      expect(chunks.slice(0, -1).filter(({ usage }) => usage)).toEqual([]);
    },
  );

  it('streams from an offline model', async () => {
    const { openai } = await start();
    const model = 'prodigon-sim?ttft_ms=0&tokens_per_s=100000&tokens=5';
    const body = { model, messages: HI, stream: true, stream_options: { include_usage: true } } as const;
    const chunks = await collect(await openai.chat.completions.create(body));
    expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant');
    expect(chunks.at(-1)).toMatchObject({ model: 'prodigon-sim', choices: [], usage: { completion_tokens: 5 } });
    expect(new Set(chunks.map(({ id, created, model }) => `${id} ${created} ${model}`)).size).toBe(1);
  });

  it('receives tool calls in a completion and in a stream', async () => {
    const { openai } = await start();
    const whole = await openai.chat.completions.create({ model: 'tool_calls', messages: HI, tools: TOOLS });
    const streamed = await openai.chat.completions
      .stream({ model: 'tool_calls', messages: HI, tools: TOOLS })
      .finalChatCompletion();
    for (const { choices } of [whole, streamed]) {
      expect(choices[0]?.finish_reason).toBe('tool_calls');
      const calls = choices[0]?.message.tool_calls ?? [];
      expect(calls).toMatchObject([
        { id: 'call_weather', type: 'function', function: { name: 'get_weather' } },
        { id: 'call_time', type: 'function', function: { name: 'get_time' } },
      ]);
      expect(calls.map((call) => 'function' in call && JSON.parse(call.function.arguments))).toEqual([WEATHER, TIME]);
    }
  });

  it('sends the results of tool calls back with their ids', async () => {
    const { openai, provider } = await start();
    const inputs: unknown[] = [];
    const toolOf = (name: string) => ({
      type: 'function' as const,
      function: {
        name,
        description: name,
        parameters: { type: 'object' },
        parse: JSON.parse,
        function: (input: unknown) => {
          inputs.push(input);
          return `The result of ${name}`;
        },
      },
    });
    const tools = [toolOf('get_weather'), toolOf('get_time')];
    const runner = openai.chat.completions.runTools(
      { model: 'tool_calls', messages: HI, stream: true, tools },
      { maxChatCompletions: 2 },
    );
    await runner.done();
    expect(inputs.slice(0, 2)).toEqual([WEATHER, TIME]);
    expect(provider.calls).toHaveLength(2);
    expect(provider.calls[1]?.body.messages).toMatchObject([
      { role: 'user', content: 'Hi' },
      { role: 'assistant', tool_calls: [{ id: 'call_weather' }, { id: 'call_time' }] },
      { role: 'tool', tool_call_id: 'call_weather', content: 'The result of get_weather' },
      { role: 'tool', tool_call_id: 'call_time', content: 'The result of get_time' },
    ]);
  });

  it("receives reasoning under the provider's field name", async () => {
    const { openai } = await start();
    for (const [model, field] of [
      ['reasoning', 'reasoning_content'],
      ['reasoning_groq', 'reasoning'],
    ] as const) {
      const chunks = await collect(await openai.chat.completions.create({ model, messages: HI, stream: true }));
      const reasoning = chunks.map(({ choices }) => (choices[0]?.delta as Record<string, string>)?.[field] ?? '').join('');
      expect(reasoning).toBe('Let me think.');
    }
  });

  it('passes unknown fields to the provider unchanged', async () => {
    const { openai, provider } = await start();
    const picture = 'data:image/png;base64,iVBORw0KGgo=';
    const fields = {
      messages: [
        {
          role: 'user' as const,
          name: 'ada',
          content: [
            { type: 'text' as const, text: 'What is this?' },
            { type: 'image_url' as const, image_url: { url: picture, detail: 'low' as const } },
          ],
        },
      ],
      response_format: {
        type: 'json_schema' as const,
        json_schema: { name: 'place', strict: true, schema: { type: 'object', properties: { city: { type: 'string' } } } },
      },
      tools: TOOLS,
      tool_choice: 'auto' as const,
      parallel_tool_calls: false,
      seed: 7,
      logit_bias: { '50256': -100 },
      metadata: { team: 'search' },
      max_completion_tokens: 20,
      a_future_field: { nested: [1, { deep: null }], ünïcode: '👩‍🚀' },
    };
    for (const stream of [false, true]) {
      const response = await openai.chat.completions.create({ model: 'healthy', ...fields, stream });
      if (Symbol.asyncIterator in response) await collect(response);
    }
    expect(provider.calls).toHaveLength(2);
    for (const { body } of provider.calls) {
      const { model, stream, stream_options, max_completion_tokens, max_tokens, ...others } = body;
      const { max_completion_tokens: limit, ...sent } = fields;
      expect(others).toEqual(sent);
      expect([model, max_completion_tokens ?? max_tokens]).toEqual(['healthy', limit]);
    }
  });

  it('cancels the provider call when the client aborts a stream', async () => {
    const { openai, provider, log, gatewayMetrics } = await start();
    const arriving = provider.nextCall();
    const stream = await openai.chat.completions.create({ model: 'stall', messages: HI, stream: true });
    for await (const { choices } of stream) if (choices[0]?.delta.content) stream.controller.abort();
    const call = await arriving;
    await call.disconnected;
    await vi.waitFor(() => expect(log()).toContain('"status":499'));
    expect((await gatewayMetrics.activeGenerations.get()).values[0]?.value).toBe(0);
    expect(provider.calls).toHaveLength(1);
  });
});

const TOOLS = ['get_weather', 'get_time'].map((name) => ({
  type: 'function' as const,
  function: { name, description: 'Looks it up', parameters: { type: 'object', additionalProperties: true } },
}));
