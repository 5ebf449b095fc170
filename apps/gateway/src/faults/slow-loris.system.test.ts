import { DEPLOYMENTS } from '@prodigon/testing';
import { describe, expect, it, vi } from 'vitest';
import { deploy, LONG_TEST_MS, WAIT } from './deployment.test-support.ts';
import { openRaw, postOf } from './raw-request.test-support.ts';

const CONNECTIONS = 100;
/** So long that no drip completes it. */
const BODY = `${' '.repeat(100_000)}${JSON.stringify({ prompt: 'dripped', model: 'healthy' })}`;
const WHOLE = postOf('/api/v1/generate', BODY);
const HEAD_BYTES = WHOLE.indexOf('\r\n\r\n') + 4;
/** Where they stop, so that each further byte could still belong there: in the path, in the name of a header and in the body. */
const BEGINNINGS = ['POST /api'.length, WHOLE.indexOf('Content-Type') + 4, HEAD_BYTES + 5].map((bytes) => WHOLE.slice(0, bytes));

describe.each(DEPLOYMENTS)('%s: a hundred connections that send a byte now and then', (name) => {
  it(
    'keep nobody else from an answer, and are cut off by every process',
    async () => {
      const { processes, post, provider } = await deploy(name);
      const sockets = processes.flatMap(({ url }) =>
        Array.from({ length: CONNECTIONS }, (_, index) =>
          openRaw(url, BEGINNINGS[index % BEGINNINGS.length] ?? '').socket.resume(),
        ),
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
