import { FAULTS } from '@prodigon/testing';
import { describe, expect, it } from 'vitest';
import { type ModelOptions, shareGateway, TOPOLOGIES } from '../gateway-harness.test-support.ts';
import { readAll, STREAM, startWithFaults, TYPED, WORDS } from './generation.test-support.ts';

const failing = Object.entries(FAULTS).flatMap(([model, { expected }]) =>
  expected !== 'timeout' && expected.status !== 200 ? [[model, expected] as const] : [],
);
const midStream = failing.flatMap(([model]) => {
  const count = FAULTS[model]?.wordsBefore;
  return count === undefined ? [] : [[model, WORDS.slice(0, count)] as const];
});
const beforeContent = failing.filter(([model]) => FAULTS[model]?.wordsBefore === undefined && model !== 'flood');

/** Temporary failures are retried; the request's own mistakes and a refused key are not. */
const callsFor = (code: string | undefined) => (code === 'INFERENCE_ERROR' ? 4 : 1);

describe.each(TOPOLOGIES)('a provider that fails, model service %s', (topology) => {
  const start = shareGateway(topology);
  const withFaults = (options: Partial<ModelOptions> = {}) => startWithFaults(topology, options, start);

  it.each(failing)('returns the documented error for a completion: %s', async (model, { status, code, retryAfter = null }) => {
    const { post, provider, log } = await withFaults();
    const response = await post('/api/v1/generate', { prompt: 'Hi', model });
    const body = await response.text();
    expect([response.status, JSON.parse(body).error.code]).toEqual([status, code]);
    expect(JSON.parse(body).error).toMatchObject({
      request_id: response.headers.get('x-request-id'),
      message: expect.stringMatching(/^[A-Z].*\.$/),
    });
    expect(response.headers.get('retry-after')).toBe(retryAfter);
    expect(provider.calls).toHaveLength(callsFor(code));
    expect(response.headers.get('x-prodigon-attempts')).toBe(String(callsFor(code)));
    expect(body + log()).not.toMatch(/canary|sk-ours/);
  });

  it.each(beforeContent)('returns an HTTP error for a stream that fails before its first token: %s', async (model, expected) => {
    const { post, provider } = await withFaults();
    const response = await post(STREAM, { prompt: 'Hi', model });
    expect([response.status, (await response.json()).error.code]).toEqual([expected.status, expected.code]);
    expect(provider.calls).toHaveLength(callsFor(expected.code));
  });

  it.each(beforeContent)('ends a typed stream with an error event before its first token: %s', async (model, { code }) => {
    const { post } = await withFaults();
    const events = await readAll(await post(STREAM, { prompt: 'Hi', model }, TYPED));
    expect(events.map(({ event }) => event)).toEqual(['start', 'error']);
    expect(events[1]?.data).toMatchObject({ code });
  });

  it.each(midStream)('keeps the tokens before a failure in mid-stream and does not retry: %s', async (model, words) => {
    const { post, provider, log } = await withFaults();
    const plain = await (await post(STREAM, { prompt: 'Hi', model })).text();
    const kept = words.map((word) => `data: ${JSON.stringify(word)}\n\n`).join('');
    expect(plain.slice(0, kept.length)).toBe(kept);
    expect(plain.slice(kept.length)).toMatch(/^data: \[ERROR\] [^\n]+\n\n$/);
    expect(provider.calls).toHaveLength(1);

    const events = await readAll(await post(STREAM, { prompt: 'Hi', model }, TYPED));
    expect(events.map(({ event }) => event)).toEqual(['start', ...words.map(() => 'token'), 'error']);
    expect(events.at(-1)?.data).toMatchObject({ code: 'INFERENCE_ERROR', retryable: true });
    expect(plain + log()).not.toContain('canary');
  });

  it('returns 503 with Retry-After for a provider that cannot be reached', async () => {
    const { post, provider } = await withFaults();
    await provider.close();
    const response = await post('/api/v1/generate', { prompt: 'Hi', model: 'healthy' });
    expect([response.status, (await response.json()).error.code]).toEqual([503, 'PROVIDER_UNREACHABLE']);
    expect(response.headers.get('retry-after')).toBeTruthy();
  });

  it.each([
    ['the first token does not arrive', 'silent_stream'],
    ['the provider does not respond', 'hang'],
  ])('returns 504 after the first-token timeout when %s', async (_case, model) => {
    const { post, provider } = await withFaults({ firstTokenMs: 50 });
    const response = await post(STREAM, { prompt: 'Hi', model });
    expect([response.status, (await response.json()).error.code]).toEqual([504, 'DEADLINE_EXCEEDED']);
    await provider.calls[0]?.disconnected;
  });

  it('ends a stream with an error after the idle timeout', async () => {
    const { post, provider } = await withFaults({ idleMs: 100 });
    const events = await readAll(await post(STREAM, { prompt: 'Hi', model: 'stall' }, TYPED));
    expect(events.map(({ event }) => event)).toEqual(['start', 'token', 'token', 'error']);
    expect(events.at(-1)?.data).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await provider.calls[0]?.disconnected;
  });
});

describe.each(TOPOLOGIES)('timeouts of the gateway, model service %s', (topology) => {
  it('returns 504 after the total timeout, for a completion and a stream', async () => {
    const { post, provider } = await startWithFaults(topology, { totalTimeoutMs: 200 });
    for (const path of [STREAM, '/api/v1/generate']) {
      const response = await post(path, { prompt: 'Hi', model: 'hang' });
      expect([response.status, (await response.json()).error.code]).toEqual([504, 'DEADLINE_EXCEEDED']);
    }
    await Promise.all(provider.calls.map(({ disconnected }) => disconnected));
  });

  it('ends a stream with an error after the total timeout', async () => {
    const { post, provider } = await startWithFaults(topology, { totalTimeoutMs: 400 });
    const events = await readAll(await post(STREAM, { prompt: 'Hi', model: 'stall' }, TYPED));
    expect(events.map(({ event }) => event)).toEqual(['start', 'token', 'token', 'error']);
    expect(events.at(-1)?.data).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await provider.calls[0]?.disconnected;
  });

  it('ends a stream with an error if it fails after the headers are sent', async () => {
    const { post } = await startWithFaults(topology, { openAfterMs: 5, firstTokenMs: 100, heartbeatMs: 10 });
    const response = await post(STREAM, { prompt: 'Hi', model: 'silent_stream' });
    expect(response.status).toBe(200);
    expect(await response.text()).toMatch(/^(: keep-alive\n\n)+data: \[ERROR\] [A-Z][^\n]*\n\n$/);
  });
});
