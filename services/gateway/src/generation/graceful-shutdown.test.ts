import type { StreamEvent } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { REMOTE_TOPOLOGIES, TOPOLOGIES } from '../gateway-harness.test-support.ts';
import { eventsOf, readAll, STREAM, startWithFaults, startWithSimulator, TYPED, textOf } from './generation.test-support.ts';

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
    await expectShutdownError(await startWithSimulator(topology, { drainTimeoutMs: 1 }));
  });
});

describe.each(REMOTE_TOPOLOGIES)('graceful shutdown of the model service, %s', (topology) => {
  it('finishes open streams, rejects new requests and reports that it is not ready', async () => {
    const { post, modelServer, modelLifecycle, provider } = await startWithFaults(topology);
    const calling = provider.nextCall();
    const response = post(STREAM, { prompt: 'Hi', model: 'slow_first_token' }, TYPED);
    await calling;
    const drained = modelLifecycle.drain();
    expect((await fetch(`${modelServer?.url}/readyz`)).status).toBe(503);
    const rejected = await post('/api/v1/generate', { prompt: 'Hi', model: 'healthy' });
    expect([rejected.status, rejected.headers.get('retry-after')]).toEqual([503, '1']);
    expect((await rejected.json()).error.code).toBe('SERVICE_UNAVAILABLE');
    expect(provider.calls).toHaveLength(1);
    provider.gate.open();
    expect((await readAll(await response)).at(-1)?.event).toBe('done');
    await drained;
  });

  it('ends streams with an error after the drain timeout', async () => {
    const { post, modelLifecycle } = await startWithSimulator(topology, { drainTimeoutMs: 1 });
    await expectShutdownError({ post, lifecycle: modelLifecycle });
  });
});

/** Shuts down during a stream whose model stalls after its first tokens, and expects an error that a client may retry. */
async function expectShutdownError({
  post,
  lifecycle,
}: Pick<Awaited<ReturnType<typeof startWithSimulator>>, 'post' | 'lifecycle'>): Promise<void> {
  const response = await post(STREAM, { prompt: 'Hi', model: 'prodigon-sim?ttft_ms=0&fault=stall&after=2' }, TYPED);
  const events: StreamEvent[] = [];
  let drained: Promise<unknown> | undefined;
  for await (const event of eventsOf(response)) {
    events.push(event);
    if (event.event === 'token') drained ??= lifecycle.drain();
  }
  expect(events.at(-1)).toMatchObject({ event: 'error', data: { code: 'SERVICE_UNAVAILABLE', retryable: true } });
  expect(textOf(events)).not.toBe('');
  await drained;
}
