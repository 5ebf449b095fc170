import { join } from 'node:path';
import { type Deployment, matrixDeployments } from '@prodigon/testing';
import { describe, expect, it, vi } from 'vitest';
import { deploy, LONG_TEST_MS, STREAM, WAIT } from './deployment.test-support.ts';
import { openUnread } from './raw-request.test-support.ts';

const STREAMS = 24;
const BYTES_MAX = 8 << 20;
const MEMORY_REPORTS = { NODE_OPTIONS: `--expose-gc --import=${join(import.meta.dirname, 'report-memory.test-support.ts')}` };

/** Returns heap and buffer bytes of the processes that a stream passes through, after a garbage collection. */
async function memoryOf({ gateway, models }: Deployment): Promise<number> {
  const reports = await Promise.all(
    [gateway, ...models].map((app) => {
      const reported = () => [...app.output().matchAll(/^uses (\d+) bytes$/gm)];
      const before = reported().length;
      app.kill('SIGUSR2');
      return vi.waitFor(() => {
        expect(reported().length).toBeGreaterThan(before);
        return Number(reported().at(-1)?.[1]);
      }, WAIT);
    }),
  );
  return reports.reduce((sum, bytes) => sum + bytes, 0);
}

/** Resolves with the bytes that the provider has sent, once that number no longer grows. */
async function bytesOnceStalled({ provider }: Deployment): Promise<number> {
  let before = -1;
  await vi.waitFor(
    () => {
      const now = provider.calls.reduce((sum, call) => sum + call.bytesSent(), 0);
      const isStill = now > STREAMS && now === before;
      before = now;
      expect(isStill).toBe(true);
    },
    { ...WAIT, interval: 500 },
  );
  return before;
}

describe.each(matrixDeployments('services'))('%s', (name) => {
  it(
    'holds at most 8 MB for each client that reads nothing, and answers the others',
    async () => {
      const deployment = await deploy(name, { env: MEMORY_REPORTS });
      const { post, provider, url } = deployment;
      // Compiled code and the like are not the cost of a stream.
      await Promise.all(
        Array.from({ length: 200 }, () => post(STREAM, { prompt: 'Hi', model: 'healthy' }).then((r) => r.text())),
      );
      const callsBefore = provider.calls.length;
      const before = await memoryOf(deployment);

      const unread = Array.from({ length: STREAMS }, () => openUnread(url, STREAM, { prompt: 'Hi', model: 'flood' }));
      await vi.waitFor(() => expect(provider.calls).toHaveLength(callsBefore + STREAMS), WAIT);
      await bytesOnceStalled(deployment);
      expect(((await memoryOf(deployment)) - before) / STREAMS).toBeLessThan(BYTES_MAX);
      expect((await post('/api/v1/generate', { prompt: 'Hi', model: 'healthy' })).status).toBe(200);

      // A client that disconnects without reading ends the provider's call.
      for (const socket of unread) socket.destroy();
      await Promise.all(provider.calls.filter(({ model }) => model === 'flood').map(({ disconnected }) => disconnected));
    },
    LONG_TEST_MS,
  );
});
