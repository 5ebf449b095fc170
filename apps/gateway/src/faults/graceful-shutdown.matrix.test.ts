import { readStreamEvents, streamChunks } from '@prodigon/api-client';
import { errorBodySchema, type StreamEvent } from '@prodigon/contracts';
import { DEPLOYMENTS, type Deployment, type DeploymentName, matrixOf, type RunningApp } from '@prodigon/testing';
import { describe, expect, it, vi } from 'vitest';
import { deploy, LONG_TEST_MS, STREAM, TYPED, WAIT } from './deployment.test-support.ts';
import { openUnread } from './raw-request.test-support.ts';

const STREAMS = 50;
const NEVER = { DRAIN_TIMEOUT_MS: '3600000' };
const SOON = { DRAIN_TIMEOUT_MS: '500' };

/** The processes that get SIGTERM. */
const CASES: { name: DeploymentName; who: string; pick: (deployment: Deployment) => readonly RunningApp[] }[] = [
  ...DEPLOYMENTS.map((name) => ({ name, who: 'the gateway', pick: ({ gateway }: Deployment) => [gateway] })),
  { name: 'services', who: 'the model service', pick: ({ models }) => models },
  { name: 'services with replicas', who: 'both model services', pick: ({ models }) => models },
];

/** Resolves once all streams have started, with the events of each until its end. */
async function openStreams({ post }: Deployment, model: string): Promise<Promise<StreamEvent[]>[]> {
  const responses = await Promise.all(Array.from({ length: STREAMS }, () => post(STREAM, { prompt: 'Hi', model }, TYPED)));
  expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
  return responses.map(async (response) => {
    const events: StreamEvent[] = [];
    for await (const event of readStreamEvents(streamChunks(response.body as ReadableStream<Uint8Array>))) events.push(event);
    return events;
  });
}

async function stop(apps: readonly RunningApp[]): Promise<void> {
  for (const app of apps) app.kill('SIGTERM');
  await vi.waitFor(() => {
    for (const app of apps) expect(app.output()).toContain('SIGTERM: draining');
  }, WAIT);
}

const isReady = async ({ url }: RunningApp): Promise<number> => (await fetch(`${url}/readyz`)).status;

describe.each(matrixOf(CASES, ({ name }) => name === 'services'))('$name: $who with fifty open streams', ({ name, pick }) => {
  it(
    'becomes unready on SIGTERM, rejects new requests, completes every stream and exits with 0',
    async () => {
      const deployment = await deploy(name, { env: NEVER });
      const { provider } = deployment;
      const streams = await openStreams(deployment, 'slow_first_token');
      await vi.waitFor(() => expect(provider.calls).toHaveLength(STREAMS), WAIT);
      const stopped = pick(deployment);
      await stop(stopped);

      for (const app of stopped) expect(await isReady(app)).toBe(503);
      const rejected = await deployment.post('/api/v1/generate', { prompt: 'Hi', model: 'healthy' });
      expect([rejected.status, rejected.headers.get('retry-after')]).toEqual([503, '1']);
      expect(errorBodySchema.parse(await rejected.json()).error.code).toBe('SERVICE_UNAVAILABLE');
      expect(provider.calls).toHaveLength(STREAMS);

      provider.gate.open();
      for (const events of await Promise.all(streams)) {
        expect(events.at(-1)?.event).toBe('done');
        expect(events.filter(({ event }) => event === 'token')).toHaveLength(7);
      }
      for (const app of stopped) expect(await app.exited).toEqual({ code: 0, signal: null });
    },
    LONG_TEST_MS,
  );

  it(
    'ends streams with a retryable error after the drain timeout, and exits with 0 although one client reads nothing',
    async () => {
      const deployment = await deploy(name, { env: SOON });
      const { provider, url } = deployment;
      const streams = await openStreams(deployment, 'stall');
      openUnread(url, STREAM, { prompt: 'Hi', model: 'flood' });
      await vi.waitFor(() => expect(provider.calls).toHaveLength(STREAMS + 1), WAIT);
      const flood = provider.calls.find(({ model }) => model === 'flood');
      await vi.waitFor(() => expect(flood?.bytesSent()).toBeGreaterThan(1 << 20), WAIT);
      const stopped = pick(deployment);
      await stop(stopped);

      for (const events of await Promise.all(streams)) {
        expect(events.at(-1)).toMatchObject({ event: 'error', data: { code: 'SERVICE_UNAVAILABLE', retryable: true } });
        expect(events.filter(({ event }) => event === 'token')).toHaveLength(2);
      }
      for (const app of stopped) expect(await app.exited).toEqual({ code: 0, signal: null });
      await Promise.all(provider.calls.map(({ disconnected }) => disconnected));
    },
    LONG_TEST_MS,
  );
});
