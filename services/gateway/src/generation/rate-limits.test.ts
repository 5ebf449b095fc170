import { createOpenAiCompatibleProvider } from '@prodigon/model-providers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { shareGateway, TOPOLOGIES } from '../gateway-harness.test-support.ts';
import { installFakeTimers, startFaultyProvider, startWithFaults, until } from './generation.test-support.ts';

const COMPLETE = '/api/v1/generate';

const bodyFor = (model: string) => ({ prompt: 'Hi', model });

describe.each(TOPOLOGIES)('rate limits, model service %s', (topology) => {
  const start = shareGateway(topology);
  const withFaults = () => startWithFaults(topology, {}, start);

  it('does not call a rate-limited model before its Retry-After, and returns the remaining time', async () => {
    const { post, provider } = await withFaults();
    const first = await post(COMPLETE, bodyFor('status_429'));
    expect([first.status, first.headers.get('retry-after'), first.headers.get('x-prodigon-attempts')]).toEqual([429, '7', '1']);
    const next = await post(COMPLETE, bodyFor('status_429'));
    expect([next.status, next.headers.get('x-prodigon-attempts')]).toEqual([429, '0']);
    expect(Number(next.headers.get('retry-after'))).toBeLessThanOrEqual(7);
    expect(provider.calls).toHaveLength(1);
    expect((await post(COMPLETE, bodyFor('healthy'))).status).toBe(200);
  });

  it('waits and retries within the request if Retry-After is short', async () => {
    const advanceTimers = installFakeTimers();
    const { post, provider, log } = await withFaults();
    const responding = post(COMPLETE, bodyFor('limited_once_1'));
    await until(() => log().includes('Call to faulty failed'));
    // Small steps, so that a shorter wait would end and use up the patience.
    for (const ms of [300, 300, 399]) {
      advanceTimers(ms);
      await new Promise(setImmediate);
    }
    // A retry that did not wait would arrive before the response to another request.
    expect((await post(COMPLETE, bodyFor('healthy'))).status).toBe(200);
    expect(provider.calls.map(({ model }) => model)).toEqual(['limited_once_1', 'healthy']);
    advanceTimers(2);
    const response = await responding;
    expect([response.status, response.headers.get('x-prodigon-attempts')]).toEqual([200, '2']);
    expect(provider.calls).toHaveLength(3);
  });

  /** Starts one provider with two keys. */
  async function withTwoKeys(keys: { refusedKeys?: string[]; limitedKeys?: string[] }) {
    const { provider } = await startFaultyProvider(keys);
    const endpoints = ['key-one-0123456789', 'key-two-0123456789'].map((apiKey) =>
      createOpenAiCompatibleProvider({ name: 'faulty', baseUrl: provider.baseUrl, apiKey, connectTimeoutMs: 5_000 }),
    );
    onTestFinished(async () => void (await Promise.all(endpoints.map((endpoint) => endpoint.close()))));
    const platform = await start({
      topology,
      providers: [{ endpoints, acceptsOtherIds: true }],
      policy: { firstDelayMs: 1 },
    });
    const callsWith = (key: string) => provider.calls.filter((call) => call.key === key).length;
    return { ...platform, callsWith };
  }

  it('retries with another key within the request and pauses the limited key', async () => {
    const { post, callsWith } = await withTwoKeys({ limitedKeys: ['key-one-0123456789'] });
    for (let request = 0; request < 6; request++) expect((await post(COMPLETE, bodyFor('healthy'))).status).toBe(200);
    expect([callsWith('key-one-0123456789'), callsWith('key-two-0123456789')]).toEqual([1, 6]);
  });

  it('fails one request for a refused key, then uses only the other key', async () => {
    const { post, callsWith, log } = await withTwoKeys({ refusedKeys: ['key-one-0123456789'] });
    const statuses: number[] = [];
    for (let request = 0; request < 6; request++) statuses.push((await post(COMPLETE, bodyFor('healthy'))).status);
    expect(statuses.filter((status) => status === 502)).toHaveLength(1);
    expect(statuses.slice(2)).toEqual([200, 200, 200, 200]);
    expect([callsWith('key-one-0123456789'), callsWith('key-two-0123456789')]).toEqual([1, 5]);
    expect(log()).not.toContain('key-one-0123456789');
  });

  it('returns 502, not 429, when all keys are refused', async () => {
    const { post } = await withTwoKeys({ refusedKeys: ['key-one-0123456789', 'key-two-0123456789'] });
    for (let request = 0; request < 4; request++) expect((await post(COMPLETE, bodyFor('healthy'))).status).toBe(502);
  });
});
