import type { StreamEvent } from '@prodigon/contracts';
import { createSimulatorProvider } from '@prodigon/model-providers';
import { describe, expect, it, vi } from 'vitest';
import { REMOTE_TOPOLOGIES, startPlatform } from '../gateway-harness.test-support.ts';
import { eventsOf, STREAM, TYPED } from './generation.test-support.ts';

describe.each(REMOTE_TOPOLOGIES)('a model service outage, %s', (topology) => {
  const providers = [{ endpoints: [createSimulatorProvider()] }];

  it('ends a stream with an error and keeps the tokens before it', async () => {
    const { post, modelServer } = await startPlatform({ topology, providers });
    const response = await post(STREAM, { prompt: 'Hi', model: 'prodigon-sim?ttft_ms=0&fault=stall&after=3' }, TYPED);
    const events: StreamEvent[] = [];
    for await (const event of eventsOf(response)) {
      events.push(event);
      if (events.length === 4) void modelServer?.server.close();
    }
    expect(events.map(({ event }) => event)).toEqual(['start', 'token', 'token', 'token', 'error']);
    expect(events.at(-1)?.data).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true });
  });

  it('reports the gateway as not ready until the model service is back', async () => {
    const { post, url, modelServer, startModelServer } = await startPlatform({ topology, providers });
    const generate = () => post('/api/v1/generate', { prompt: 'Hi', model: 'prodigon-sim?ttft_ms=0&tokens=2' });
    expect((await generate()).status).toBe(200);
    await modelServer?.server.close();

    const failed = await generate();
    expect([failed.status, (await failed.json()).error.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    await vi.waitFor(async () => {
      expect((await fetch(`${url}/readyz`)).status).toBe(503);
      const { services } = await (await fetch(`${url}/api/v1/system/overview`)).json();
      expect(services[1]).toMatchObject({
        name: 'model',
        status: 'down',
        latency_ms: null,
        detail: 'No process listens at its address.',
      });
    }, 10_000);

    await startModelServer(Number(new URL(modelServer?.url ?? '').port));
    expect((await generate()).status).toBe(200);
    await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), 10_000);
  });

  it('requires the internal token for internal routes and metrics of the model service', async () => {
    const { modelServer } = await startPlatform({ topology, providers });
    const base = modelServer?.url;
    for (const [method, path] of [
      ['GET', '/internal/v1/models'],
      ['POST', '/internal/v1/chat'],
      ['POST', '/internal/v1/chat/stream'],
      ['GET', '/metrics'],
    ] as const) {
      expect((await fetch(`${base}${path}`, { method })).status).toBe(401);
    }
    expect((await fetch(`${base}/health`)).status).toBe(200);
  });
});
