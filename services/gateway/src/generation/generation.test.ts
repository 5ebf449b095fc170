import { FAULTS } from '@prodigon/testing';
import { describe, expect, it } from 'vitest';
import { type ModelOptions, type PlatformOptions, shareGateway, TOPOLOGIES } from '../gateway-harness.test-support.ts';
import { readAll, STREAM, startWithFaults, startWithSimulator, TEXT, TYPED, textOf, WORDS } from './generation.test-support.ts';

const unusual = Object.entries(FAULTS).flatMap(([model, { expected }]) =>
  expected !== 'timeout' && expected.status === 200 && model !== 'tool_calls' ? [model] : [],
);

describe.each(TOPOLOGIES)('generation, model service %s', (topology) => {
  const start = shareGateway(topology);
  const withFaults = (options: Partial<ModelOptions> = {}) => startWithFaults(topology, options, start);

  it('returns a completion with its usage', async () => {
    const { post } = await withFaults();
    const response = await post('/api/v1/generate', { prompt: 'Hi', model: 'healthy' });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      text: TEXT,
      model: 'healthy',
      usage: { prompt_tokens: 7, completion_tokens: 8, total_tokens: 15 },
      latency_ms: expect.any(Number),
    });
  });

  it('streams each token as a JSON string, then [DONE]', async () => {
    const { post } = await withFaults();
    const response = await post(STREAM, { prompt: 'Hi', model: 'healthy' });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    expect(response.headers.get('cache-control')).toBe('no-cache, no-transform, no-store');
    expect(await response.text()).toBe(`${WORDS.map((word) => `data: ${JSON.stringify(word)}\n\n`).join('')}data: [DONE]\n\n`);
  });

  it('streams typed events with ascending ids', async () => {
    const { post } = await withFaults();
    const events = await readAll(
      await post(STREAM, { prompt: 'Hi', model: 'healthy' }, { headers: { ...TYPED.headers, 'x-request-id': 'my-id' } }),
    );
    expect(events.map(({ event }) => event)).toEqual(['start', ...WORDS.map(() => 'token'), 'usage', 'done']);
    expect(events[0]?.data).toMatchObject({ model: 'healthy', request_id: 'my-id' });
    expect(textOf(events)).toBe(TEXT);
    expect(events.at(-2)?.data).toEqual({
      prompt_tokens: 7,
      completion_tokens: 8,
      total_tokens: 15,
      estimated: false,
      cost_usd: null,
    });
    expect(events.at(-1)?.data).toMatchObject({
      finish_reason: 'stop',
      ttft_ms: expect.any(Number),
      latency_ms: expect.any(Number),
    });
    const generation = events[0]?.event === 'start' && events[0].data.generation_id;
    expect(events.map(({ id }) => id)).toEqual(events.map((_event, index) => `${generation}:${index}`));
  });

  it.each(unusual)('streams the complete text of a provider with unusual framing: %s', async (model) => {
    const { post } = await withFaults();
    expect(textOf(await readAll(await post(STREAM, { prompt: 'Hi', model }, TYPED)))).toBe(TEXT);
  });

  it('estimates the usage from the text length if the provider reports none', async () => {
    const { post } = await withFaults();
    const events = await readAll(await post(STREAM, { prompt: 'Hi there', model: 'no_usage' }, TYPED));
    expect(events.at(-2)).toMatchObject({
      event: 'usage',
      data: { prompt_tokens: 2, completion_tokens: Math.ceil(TEXT.length / 4), estimated: true },
    });
  });

  it('passes the conversation, the request id and the trace to the provider', async () => {
    const { post, provider } = await withFaults();
    const trace = '0af7651916cd43dd8448eb211c80319c';
    const headers = { 'x-request-id': 'req.1', traceparent: `00-${trace}-b7ad6b7169203331-01`, 'x-user-id': 'mallory' };
    const messages = [
      { role: 'user', content: 'First' },
      { role: 'assistant', content: 'Reply' },
    ];
    const response = await post(
      '/api/v1/generate',
      { prompt: 'Second', system_prompt: 'Be brief', messages, model: 'healthy', temperature: 0, max_tokens: 100 },
      { headers },
    );
    expect(response.headers.get('x-request-id')).toBe('req.1');
    expect(response.headers.get('x-process-time')).toMatch(/^\d+\.\d\dms$/);
    const call = provider.calls.at(-1);
    expect(call?.body).toMatchObject({
      temperature: 0,
      max_tokens: 100,
      messages: [{ role: 'system', content: 'Be brief' }, ...messages, { role: 'user', content: 'Second' }],
    });
    expect(call?.headers).toMatchObject({ 'x-request-id': 'req.1', authorization: 'Bearer sk-ours-0123456789' });
    expect(call?.headers['x-user-id']).toBeUndefined();
  });
});

describe.each(TOPOLOGIES)('a request without options, model service %s', (topology) => {
  const start = shareGateway(topology);
  const NULLS = { max_tokens: null, temperature: null, system_prompt: null, messages: null };

  it.each([
    ['absent', {}],
    ['null', NULLS],
  ])('reaches the provider with nothing but the model and the prompt: %s', async (_case, options) => {
    const { post, provider } = await startWithFaults(topology, {}, start);
    const request = { prompt: 'Hi', model: 'healthy', ...options };
    const messages = [{ role: 'user', content: 'Hi' }];
    await (await post('/api/v1/generate', request)).text();
    expect(provider.calls.at(-1)?.body).toEqual({ model: 'healthy', messages, stream: false });
    await (await post(STREAM, request)).text();
    expect(provider.calls.at(-1)?.body).toEqual({
      model: 'healthy',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
  });
});

describe.each(TOPOLOGIES)('generation with a slow first token, model service %s', (topology) => {
  it.each([
    ['by default', {}, /data: \[DONE\]\n\n$/],
    ['with typed events', TYPED, /event: done\ndata: .*\n\n$/],
  ] as const)('sends the headers before the first token and streams to the end, %s', async (_case, init, end) => {
    const { post, provider } = await startWithFaults(topology, { openAfterMs: 1 });
    provider.gate.close();
    const response = await post(STREAM, { prompt: 'Hi', model: 'slow_first_token' }, init);
    expect(response.headers.get('x-prodigon-model')).toBeNull();
    provider.gate.open();
    expect(await response.text()).toMatch(end);
  });
});

describe.each(TOPOLOGIES)('model ids, model service %s', (topology) => {
  const withSimulator = (options: Partial<PlatformOptions> = {}) => startWithSimulator(topology, options);

  it('rejects an unknown model before the stream starts', async () => {
    const { post } = await withSimulator();
    for (const [path, init] of [
      ['/api/v1/generate', {}],
      [STREAM, {}],
      [STREAM, TYPED],
    ] as const) {
      const response = await post(path, { prompt: 'Hi', model: 'gpt-unheard-of' }, init);
      expect([response.status, (await response.json()).error.code]).toEqual([422, 'UNKNOWN_MODEL']);
    }
  });

  it('reports the bare id of a model with parameters, in the response and in metrics', async () => {
    const { post, metrics } = await withSimulator();
    const response = await post('/api/v1/generate', {
      prompt: 'Hi',
      model: 'prodigon-sim?ttft_ms=0&tokens_per_s=100000&tokens=5&seed=3',
    });
    expect(await response.json()).toMatchObject({ model: 'prodigon-sim', usage: { completion_tokens: 5 } });
    expect(await metrics.registry.metrics()).toContain(
      'generations_total{provider="offline",model="prodigon-sim",status="completed"} 1',
    );
  });

  it.each([
    ['no_finish', 502],
    ['error_after', 502],
    ['rate_limit', 429],
  ])('returns a provider error for the simulated fault %s', async (fault, status) => {
    const { post } = await withSimulator({ policy: { firstDelayMs: 1, patienceMs: 0 } });
    const model = `prodigon-sim?ttft_ms=0&tokens_per_s=100000&fault=${fault}`;
    expect((await post('/api/v1/generate', { prompt: 'Hi', model })).status).toBe(status);
  });

  it('returns 504 after the total timeout for the simulated fault hang', async () => {
    const { post } = await withSimulator({ totalTimeoutMs: 200 });
    expect((await post('/api/v1/generate', { prompt: 'Hi', model: 'prodigon-sim?fault=hang' })).status).toBe(504);
  });
});

it('reports the latency of a completion in hundredths of a millisecond', async () => {
  const { post } = await startWithSimulator('in one process');
  const sentAt = performance.now();
  const { latency_ms } = await (
    await post('/api/v1/generate', { prompt: 'Hi', model: 'prodigon-sim?ttft_ms=20&tokens=1' })
  ).json();
  expect(latency_ms).toBeLessThanOrEqual(performance.now() - sentAt);
  // Timers may fire up to a millisecond early.
  expect(latency_ms).toBeGreaterThanOrEqual(19);
  expect(Number(latency_ms.toFixed(2))).toBe(latency_ms);
});
