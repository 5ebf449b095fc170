import type { StreamEvent } from '@prodigon/contracts';
import { createSimulatorProvider } from '@prodigon/model-providers';
import { describe, expect, it, vi } from 'vitest';
import { startPlatform } from '../gateway-harness.test-support.ts';
import { eventsOf, STREAM, TYPED } from './generation.test-support.ts';

describe.each(['over HTTP/2', 'over HTTP/1.1'] as const)('a model service in another process, %s', (topology) => {
  const providers = [{ endpoints: [createSimulatorProvider()] }];

  it('that dies in the middle of an answer leaves what had come, and an error', async () => {
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

  it('that is down is seen as down, and used again when it is back', async () => {
    const { post, url, modelServer, startModelServer } = await startPlatform({ topology, providers });
    const ask = () => post('/api/v1/generate', { prompt: 'Hi', model: 'prodigon-sim?ttft_ms=0&tokens=2' });
    expect((await ask()).status).toBe(200);
    await modelServer?.server.close();

    const refused = await ask();
    expect([refused.status, (await refused.json()).error.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    await vi.waitFor(async () => {
      expect((await fetch(`${url}/readyz`)).status).toBe(503);
      const { services } = await (await fetch(`${url}/api/v1/system/overview`)).json();
      expect(services[1]).toMatchObject({
        name: 'model',
        status: 'down',
        latency_ms: null,
        detail: 'Nothing listens at its address.',
      });
    }, 10_000);

    await startModelServer(Number(new URL(modelServer?.url ?? '').port));
    expect((await ask()).status).toBe(200);
    await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), 10_000);
  });

  it('answers nobody without the internal token but health', async () => {
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
