import type { StreamEvent } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { type ModelOptions, shareGateway, TOPOLOGIES } from '../gateway-harness.test-support.ts';
import { eventsOf, installFakeTimers, readAll, STREAM, startWithFaults, TYPED } from './generation.test-support.ts';
import { describeProviderFailures } from './provider-failures.test-support.ts';

describeProviderFailures('in one process', () => true);

describe.each(TOPOLOGIES)('an unreachable or silent provider, model service %s', (topology) => {
  const start = shareGateway(topology);
  const withFaults = (options: Partial<ModelOptions> = {}) => startWithFaults(topology, options, start);

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
    const advanceTimers = installFakeTimers();
    const { post, provider } = await withFaults({ firstTokenMs: 50 });
    const calling = provider.nextCall();
    const responding = post(STREAM, { prompt: 'Hi', model });
    await calling;
    advanceTimers(50);
    const response = await responding;
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
  // Shorter than the time after which a stream sends its headers.
  const totalTimeoutMs = 5_000;

  it.each(['/api/v1/generate', STREAM])('returns 504 after the total timeout: %s', async (path) => {
    const advanceTimers = installFakeTimers();
    const { post, provider } = await startWithFaults(topology, { totalTimeoutMs });
    const calling = provider.nextCall();
    const response = post(path, { prompt: 'Hi', model: 'hang' });
    await calling;
    advanceTimers(totalTimeoutMs);
    expect([(await response).status, (await (await response).json()).error.code]).toEqual([504, 'DEADLINE_EXCEEDED']);
    await (await calling).disconnected;
  });

  it('ends a stream with an error after the total timeout', async () => {
    const advanceTimers = installFakeTimers();
    const { post, provider } = await startWithFaults(topology, { totalTimeoutMs });
    const events: StreamEvent[] = [];
    for await (const event of eventsOf(await post(STREAM, { prompt: 'Hi', model: 'stall' }, TYPED))) {
      events.push(event);
      if (events.length === 3) advanceTimers(totalTimeoutMs);
    }
    expect(events.map(({ event }) => event)).toEqual(['start', 'token', 'token', 'error']);
    expect(events.at(-1)?.data).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await provider.calls[0]?.disconnected;
  });

  it('ends a stream with an error if it fails after the headers are sent', async () => {
    const advanceTimers = installFakeTimers();
    const { post, provider } = await startWithFaults(topology, { openAfterMs: 5, firstTokenMs: 100, heartbeatMs: 10 });
    const calling = provider.nextCall();
    const responding = post(STREAM, { prompt: 'Hi', model: 'silent_stream' });
    await calling;
    advanceTimers(100);
    const response = await responding;
    expect(response.status).toBe(200);
    expect(await response.text()).toMatch(/^(: keep-alive\n\n)+data: \[ERROR\] [A-Z][^\n]*\n\n$/);
  });
});
