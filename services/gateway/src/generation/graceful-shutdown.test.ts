import { describe, expect, it } from 'vitest';
import { TOPOLOGIES } from '../gateway-harness.test-support.ts';
import { readAll, STREAM, startWithFaults, startWithSimulator, TYPED, textOf } from './generation.test-support.ts';

describe.each(TOPOLOGIES)('graceful shutdown, model service %s', (topology) => {
  it('finishes open streams, rejects new requests and reports that it is not ready', async () => {
    const { post, url, lifecycle, provider } = await startWithFaults(topology);
    provider.gate.close();
    const response = await post(STREAM, { prompt: 'Hi', model: 'slow_first_token' }, TYPED);
    const drained = lifecycle.drain();
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    const rejected = await post('/api/v1/generate', { prompt: 'Hi' });
    expect([rejected.status, rejected.headers.get('retry-after')]).toEqual([503, '1']);
    provider.gate.open();
    expect((await readAll(response)).at(-1)?.event).toBe('done');
    await drained;
  });

  it('ends streams with an error after the drain timeout', async () => {
    const { post, lifecycle } = await startWithSimulator(topology, { drainTimeoutMs: 50 });
    const response = await post(STREAM, { prompt: 'Hi', model: 'prodigon-sim?ttft_ms=0&fault=stall&after=2' }, TYPED);
    const drained = lifecycle.drain();
    const events = await readAll(response);
    expect(events.at(-1)).toMatchObject({ event: 'error', data: { code: 'SERVICE_UNAVAILABLE', retryable: true } });
    expect(textOf(events)).not.toBe('');
    await drained;
  });
});
