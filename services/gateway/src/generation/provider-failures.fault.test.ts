import { FAULTS } from '@prodigon/testing';
import { describe, expect, it } from 'vitest';
import { type PlatformOptions, TOPOLOGIES } from '../gateway-harness.test-support.ts';
import { readAll, STREAM, startWithFaults, TYPED, WORDS } from './generation.test-support.ts';

describe.each(TOPOLOGIES)('answers that fail, model service %s,', (topology) => {
  const withFaults = (options: Partial<PlatformOptions> = {}) => startWithFaults(topology, options);

  const failing = Object.entries(FAULTS).flatMap(([model, { expected }]) =>
    expected !== 'timeout' && expected.status !== 200 ? [[model, expected] as const] : [],
  );
  const midStream = failing.flatMap(([model]) => {
    const count = FAULTS[model]?.wordsBefore;
    return count === undefined ? [] : [[model, WORDS.slice(0, count)] as const];
  });
  const beforeContent = failing.filter(([model]) => FAULTS[model]?.wordsBefore === undefined && model !== 'flood');

  /** What may pass is tried again, the request's own mistakes and our key's are not. */
  const callsFor = (model: string, code: string | undefined) => (code === 'INFERENCE_ERROR' && !/^status_40/.test(model) ? 4 : 1);

  it.each(failing)('in one piece: %s', async (model, { status, code, retryAfter = null }) => {
    const { post, provider, log } = await withFaults();
    const response = await post('/api/v1/generate', { prompt: 'Hi', model });
    const body = await response.text();
    expect([response.status, JSON.parse(body).error.code]).toEqual([status, code]);
    expect(JSON.parse(body).error).toMatchObject({
      request_id: response.headers.get('x-request-id'),
      message: expect.stringMatching(/^[A-Z].*\.$/),
    });
    expect(response.headers.get('retry-after')).toBe(retryAfter);
    expect(provider.calls).toHaveLength(callsFor(model, code));
    expect(response.headers.get('x-prodigon-attempts')).toBe(String(callsFor(model, code)));
    expect(body + log()).not.toMatch(/canary|sk-ours/);
  });

  it.each(beforeContent)('before their first token, as a status: %s', async (model, { status, code }) => {
    const { post, provider } = await withFaults();
    const response = await post(STREAM, { prompt: 'Hi', model });
    expect([response.status, (await response.json()).error.code]).toEqual([status, code]);
    expect(provider.calls).toHaveLength(callsFor(model, code));
  });

  it.each(beforeContent)('before their first token, as a typed event: %s', async (model, { code }) => {
    const { post } = await withFaults();
    const events = await readAll(await post(STREAM, { prompt: 'Hi', model }, TYPED));
    expect(events.map(({ event }) => event)).toEqual(['start', 'error']);
    expect(events[1]?.data).toMatchObject({ code });
  });

  it.each(midStream)('in the middle, with what came before kept and nothing tried again: %s', async (model, words) => {
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

  it('tell a provider that cannot be reached from one that fails', async () => {
    const { post, provider } = await withFaults();
    await provider.close().catch(() => {});
    const response = await post('/api/v1/generate', { prompt: 'Hi', model: 'healthy' });
    expect([response.status, (await response.json()).error.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    expect(response.headers.get('retry-after')).toBeTruthy();
  });

  it.each([
    ['the first token does not come', { firstTokenMs: 50 }, 'silent_stream'],
    ['the provider does not even answer', { firstTokenMs: 50 }, 'hang'],
    ['the whole takes too long', { totalTimeoutMs: 300 }, 'hang'],
  ] as const)('with 504 when %s', async (_case, options, model) => {
    const { post, provider } = await withFaults(options);
    const response = await post(STREAM, { prompt: 'Hi', model });
    expect([response.status, (await response.json()).error.code]).toEqual([504, 'DEADLINE_EXCEEDED']);
    await provider.calls[0]?.disconnected;
  });

  it('with 504 in one piece too', async () => {
    const { post } = await withFaults({ totalTimeoutMs: 300 });
    expect((await post('/api/v1/generate', { prompt: 'Hi', model: 'hang' })).status).toBe(504);
  });

  it.each([
    ['the provider falls silent', { idleMs: 100 }],
    ['the deadline passes', { totalTimeoutMs: 500 }],
  ])('in the middle when %s', async (_case, options) => {
    const { post, provider } = await withFaults(options);
    const events = await readAll(await post(STREAM, { prompt: 'Hi', model: 'stall' }, TYPED));
    expect(events.map(({ event }) => event)).toEqual(['start', 'token', 'token', 'error']);
    expect(events.at(-1)?.data).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await provider.calls[0]?.disconnected;
  });

  it('as an error in the stream when they fail after the headers had to go', async () => {
    const { post } = await withFaults({ openAfterMs: 20, firstTokenMs: 300, heartbeatMs: 20 });
    const response = await post(STREAM, { prompt: 'Hi', model: 'silent_stream' });
    expect(response.status).toBe(200);
    expect(await response.text()).toMatch(/^(: keep-alive\n\n)+data: \[ERROR\] The model took too long[^\n]*\n\n$/);
  });
});
