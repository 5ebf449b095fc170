import type { Socket } from 'node:net';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { closeAfterAll, TOPOLOGIES } from '../gateway-harness.test-support.ts';
import { startMemoryWorker } from './memory-worker.test-support.ts';

/** Whole files, each with prefixes that end after a line, inside a line and inside quotes. */
const FILES = [
  { type: 'text/plain', whole: 'one\ntwo "three"\nfour\n', cuts: ['one\n', 'one\ntw', 'one\ntwo "th'] },
  {
    type: 'text/csv',
    whole: 'prompt\none\n"two\nlines"\nthree\n',
    cuts: ['prompt\none\n', 'prompt\none\n"two\nlines"\nth', 'prompt\none\n"two\n'],
  },
  {
    type: 'application/jsonl',
    whole: '"one"\n{"prompt":"two"}\n"three"\n',
    cuts: ['"one"\n', '"one"\n{"prompt":', '"one"\n{"prompt":"t'],
  },
];
const ENDS: Record<string, (socket: Socket) => void> = {
  'closes its connection': (socket) => socket.destroy(),
  'resets its connection': (socket) => socket.resetAndDestroy(),
  'half-closes its connection': (socket) => socket.end(),
};

describe.each(TOPOLOGIES)('a submission that breaks off, worker %s', (topology) => {
  const onClose = closeAfterAll();
  let platform: Awaited<ReturnType<typeof startMemoryWorker>>;
  beforeAll(async () => {
    platform = await startMemoryWorker(topology, onClose);
  });

  it.each(Object.keys(ENDS))('creates no job when the client %s, and its key then works for the whole file', async (name) => {
    const { jobs, cut, upload } = platform;
    const end = ENDS[name] as (socket: Socket) => void;
    for (const { type, whole, cuts } of FILES) {
      jobs.length = 0;
      const key = `${name} ${type}`;
      const headers = [`Content-Type: ${type}`, `Idempotency-Key: ${key}`];
      for (const part of cuts) {
        await cut([...headers, `Content-Length: ${whole.length}`], part, end);
        await cut([...headers, 'Transfer-Encoding: chunked'], `${part.length.toString(16)}\r\n${part}\r\n`, end);
        expect(jobs, `${type} ${JSON.stringify(part)}`).toEqual([]);
      }
      expect((await upload(type, key, whole)).status).toBe(202);
      expect(jobs.map(({ prompts }) => prompts.length)).toEqual([3]);
    }
  });

  it('creates a job when the client disconnects after the whole file, which its idempotency key finds', async () => {
    const { jobs, onWhole, cut, upload } = platform;
    for (const { type, whole } of FILES) {
      jobs.length = 0;
      const [arrived, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      onWhole.mockImplementationOnce(() => {
        arrived.resolve();
        return gone.promise;
      });
      const headers = [`Content-Type: ${type}`, `Idempotency-Key: whole ${type}`, `Content-Length: ${whole.length}`];
      await cut(headers, whole, async (socket) => {
        await arrived.promise;
        socket.once('close', () => gone.resolve()).destroy();
      });
      await vi.waitFor(() => expect(jobs.map(({ prompts }) => prompts.length)).toEqual([3]), { interval: 1 });
      const again = await upload(type, `whole ${type}`, whole);
      expect([again.status, again.headers.get('idempotent-replayed'), jobs.length]).toEqual([202, 'true', 1]);
    }
  });
});
