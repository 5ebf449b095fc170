import { matrixDeployments, sharedDeployment } from '@prodigon/testing';
import { describe, expect, it, vi } from 'vitest';
import { LONG_TEST_MS, WAIT } from './deployment.test-support.ts';
import { openRaw, postOf } from './raw-request.test-support.ts';

const CONNECTIONS = 100;
/** Too long to complete one byte at a time during the test. */
const BODY = `${' '.repeat(100_000)}${JSON.stringify({ prompt: 'dripped', model: 'healthy' })}`;
const REQUEST = postOf('/api/v1/generate', BODY);
const HEAD_BYTES = REQUEST.indexOf('\r\n\r\n') + 4;
/** Beginnings of the request that end in the path, in a header name and in the body, so that each accepts more bytes. */
const PREFIXES = ['POST /api'.length, REQUEST.indexOf('Content-Type') + 4, HEAD_BYTES + 5].map((bytes) =>
  REQUEST.slice(0, bytes),
);

describe.each(matrixDeployments('services'))('%s', (name) => {
  it(
    'serves other clients during a slow-loris attack, and closes the slow connections of every process',
    async () => {
      const { processes, post, provider } = await sharedDeployment(name);
      const sockets = processes.flatMap(({ url }) =>
        Array.from({ length: CONNECTIONS }, (_, index) => openRaw(url, PREFIXES[index % PREFIXES.length] ?? '').socket.resume()),
      );
      const open = () => sockets.filter(({ closed }) => !closed);

      await vi.waitFor(
        async () => {
          for (const socket of open()) socket.write('x');
          for (const { url } of processes) expect((await fetch(`${url}/health`)).status).toBe(200);
          expect((await post('/api/v1/generate', { prompt: 'Hi', model: 'healthy' })).status).toBe(200);
          expect(open()).toHaveLength(0);
        },
        { ...WAIT, interval: 500 },
      );
      expect(new Set(provider.calls.map(({ prompt }) => prompt))).toEqual(new Set(['Hi']));
    },
    LONG_TEST_MS,
  );
});
