import { join } from 'node:path';
import { type Deployment, matrixDeployments } from '@prodigon/testing';
import { describe, expect, it, vi } from 'vitest';
import { deploy, LONG_TEST_MS, STREAM, WAIT } from './deployment.test-support.ts';
import { openUnread } from './raw-request.test-support.ts';

const STREAMS = 24;
const BYTES_MAX = 8 << 20;
/** Several, because large TCP buffers make a slow reader look stalled for a second or two. */
const STALLED_READINGS = 10;
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

/** Resolves when the provider has sent bytes to all streams and can send no more. */
async function waitUntilStalled({ provider }: Deployment): Promise<void> {
  let readings: number[] = [];
  await vi.waitFor(
    () => {
      const bytes = provider.calls.reduce((sum, call) => sum + call.bytesSent(), 0);
      readings = [bytes, ...readings].slice(0, STALLED_READINGS);
      expect(bytes).toBeGreaterThan(STREAMS);
      expect(readings).toEqual(Array(STALLED_READINGS).fill(bytes));
    },
    { ...WAIT, interval: 500 },
  );
}

describe.each(matrixDeployments('services'))('%s', (name) => {
  it(
    'uses at most 8 MB for each client that reads nothing, and serves other clients',
    async () => {
      const deployment = await deploy(name, { env: MEMORY_REPORTS, hasWorkers: false });
      const { post, provider, url } = deployment;
      // Warm up, so that compiled code does not count as memory of a stream.
      await Promise.all(
        Array.from({ length: 200 }, () => post(STREAM, { prompt: 'Hi', model: 'healthy' }).then((r) => r.text())),
      );
      const callsBefore = provider.calls.length;
      const before = await memoryOf(deployment);

      const unread = Array.from({ length: STREAMS }, () => openUnread(url, STREAM, { prompt: 'Hi', model: 'flood' }));
      await vi.waitFor(() => expect(provider.calls).toHaveLength(callsBefore + STREAMS), WAIT);
      await waitUntilStalled(deployment);
      expect(((await memoryOf(deployment)) - before) / STREAMS).toBeLessThan(BYTES_MAX);
      expect((await post('/api/v1/generate', { prompt: 'Hi', model: 'healthy' })).status).toBe(200);

      // The disconnect of a client that reads nothing cancels its provider call.
      for (const socket of unread) socket.destroy();
      await Promise.all(provider.calls.filter(({ model }) => model === 'flood').map(({ disconnected }) => disconnected));
    },
    LONG_TEST_MS,
  );
});
