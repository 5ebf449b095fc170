import { readStreamEvents, streamChunks } from '@prodigon/api-client';
import { errorBodySchema, type StreamEvent } from '@prodigon/contracts';
import { DEPLOYMENTS, type Deployment, type DeploymentName, matrixOf, type RunningApp } from '@prodigon/testing';
import { describe, expect, it, vi } from 'vitest';
import { deploy, LONG_TEST_MS, STREAM, TYPED, WAIT } from './deployment.test-support.ts';
import { openUnread } from './raw-request.test-support.ts';

const STREAMS = 50;
const LONG_DRAIN = { DRAIN_TIMEOUT_MS: '3600000' };
const SHORT_DRAIN = { DRAIN_TIMEOUT_MS: '500' };

/** The processes that receive SIGTERM. */
const CASES: { name: DeploymentName; target: string; targetsOf: (deployment: Deployment) => readonly RunningApp[] }[] = [
  ...DEPLOYMENTS.map((name) => ({ name, target: 'the gateway', targetsOf: ({ gateway }: Deployment) => [gateway] })),
  { name: 'services', target: 'the model service', targetsOf: ({ models }) => models },
  { name: 'services over gRPC', target: 'the model service', targetsOf: ({ models }) => models },
  { name: 'services with replicas', target: 'both model services', targetsOf: ({ models }) => models },
];

/** Resolves when all streams have started, with promises of their events. */
async function openStreams({ post }: Deployment, model: string): Promise<Promise<StreamEvent[]>[]> {
  const responses = await Promise.all(Array.from({ length: STREAMS }, () => post(STREAM, { prompt: 'Hi', model }, TYPED)));
  expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
  return responses.map(async (response) => {
    const events: StreamEvent[] = [];
    for await (const event of readStreamEvents(streamChunks(response.body as ReadableStream<Uint8Array>))) events.push(event);
    return events;
  });
}

async function startDraining(apps: readonly RunningApp[]): Promise<void> {
  for (const app of apps) app.kill('SIGTERM');
  await vi.waitFor(() => {
    for (const app of apps) expect(app.output()).toContain('SIGTERM: draining');
  }, WAIT);
}

const readinessStatus = async ({ url }: RunningApp): Promise<number> => (await fetch(`${url}/readyz`)).status;

describe.each(matrixOf(CASES, ({ name, target }) => name === 'services' && target === 'the gateway'))(
  '$name: $target with fifty open streams',
  ({ name, targetsOf }) => {
    it(
      'becomes unready on SIGTERM, rejects new requests, completes every stream and exits with 0',
      async () => {
        const deployment = await deploy(name, { env: LONG_DRAIN, hasWorkers: false });
        const { provider } = deployment;
        const streams = await openStreams(deployment, 'slow_first_token');
        await vi.waitFor(() => expect(provider.calls).toHaveLength(STREAMS), WAIT);
        const stopped = targetsOf(deployment);
        await startDraining(stopped);

        for (const app of stopped) expect(await readinessStatus(app)).toBe(503);
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
      'ends streams with a retryable error after the drain timeout, and exits with 0 even if a client reads nothing',
      async () => {
        const deployment = await deploy(name, { env: SHORT_DRAIN, hasWorkers: false });
        const { provider, url } = deployment;
        const streams = await openStreams(deployment, 'stall');
        openUnread(url, STREAM, { prompt: 'Hi', model: 'flood' });
        await vi.waitFor(() => expect(provider.calls).toHaveLength(STREAMS + 1), WAIT);
        const flood = provider.calls.find(({ model }) => model === 'flood');
        await vi.waitFor(() => expect(flood?.bytesSent()).toBeGreaterThan(1 << 20), WAIT);
        const stopped = targetsOf(deployment);
        await startDraining(stopped);

        for (const events of await Promise.all(streams)) {
          expect(events.at(-1)).toMatchObject({ event: 'error', data: { code: 'SERVICE_UNAVAILABLE', retryable: true } });
          expect(events.filter(({ event }) => event === 'token')).toHaveLength(2);
        }
        for (const app of stopped) expect(await app.exited).toEqual({ code: 0, signal: null });
        await Promise.all(provider.calls.map(({ disconnected }) => disconnected));
      },
      LONG_TEST_MS,
    );
  },
);
