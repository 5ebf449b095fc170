import { join } from 'node:path';
import { DEPLOYMENTS, type Deployment } from '@prodigon/testing';
import { describe, expect, it, vi } from 'vitest';
import { deploy, LONG_TEST_MS, STREAM, WAIT } from './deployment.test-support.ts';
import { openUnread } from './raw-request.test-support.ts';

const STREAMS = 24;
const BYTES_MAX = 8 << 20;
const TELLING = { NODE_OPTIONS: `--expose-gc --import=${join(import.meta.dirname, 'report-memory.test-support.ts')}` };

/** Heap and buffers of the processes that a stream passes through, after a collection: what is garbage costs no stream. */
async function memoryOf({ gateway, models }: Deployment): Promise<number> {
  const told = await Promise.all(
    [gateway, ...models].map((app) => {
      const answers = () => [...app.output().matchAll(/^uses (\d+) bytes$/gm)];
      const before = answers().length;
      app.kill('SIGUSR2');
      return vi.waitFor(() => {
        expect(answers().length).toBeGreaterThan(before);
        return Number(answers().at(-1)?.[1]);
      }, WAIT);
    }),
  );
  return told.reduce((sum, bytes) => sum + bytes, 0);
}

/** Resolves with what the provider could get rid of, once that is no longer more from one look to the next. */
async function stillness({ provider }: Deployment): Promise<number> {
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

describe.each(DEPLOYMENTS)('%s: readers who ask for very much and take nothing', (name) => {
  it(
    'cost at most 8 MB each, and the others are answered',
    async () => {
      const deployment = await deploy(name, { env: TELLING });
      const { post, provider, url } = deployment;
      // What the first answers need, e.g. compiled code, is no stream's.
      await Promise.all(
        Array.from({ length: 200 }, () => post(STREAM, { prompt: 'Hi', model: 'healthy' }).then((r) => r.text())),
      );
      const callsBefore = provider.calls.length;
      const before = await memoryOf(deployment);

      const unread = Array.from({ length: STREAMS }, () => openUnread(url, STREAM, { prompt: 'Hi', model: 'flood' }));
      await vi.waitFor(() => expect(provider.calls).toHaveLength(callsBefore + STREAMS), WAIT);
      await stillness(deployment);
      expect(((await memoryOf(deployment)) - before) / STREAMS).toBeLessThan(BYTES_MAX);
      expect((await post('/api/v1/generate', { prompt: 'Hi', model: 'healthy' })).status).toBe(200);

      // Who leaves without having read anything ends the provider's work too.
      for (const socket of unread) socket.destroy();
      await Promise.all(provider.calls.filter(({ model }) => model === 'flood').map(({ disconnected }) => disconnected));
    },
    LONG_TEST_MS,
  );
});
