import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type Deployment, matrixDeployments, sharedDeployment, startApp } from '@prodigon/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { LONG_TEST_MS, WAIT } from './deployment.test-support.ts';
import { openRaw } from './raw-request.test-support.ts';

/** One end of the connection for each format. `cut-submissions.test.ts` of the gateway service has all combinations. */
const CASES: [type: string, whole: (prompt: string) => string, end: (socket: Socket) => void][] = [
  ['text/plain', (prompt) => `${prompt} 1\n${prompt} 2\n`, (socket) => socket.destroy()],
  ['text/csv', (prompt) => `prompt\n"${prompt} 1"\n"${prompt} 2"\n`, (socket) => socket.resetAndDestroy()],
  ['application/jsonl', (prompt) => `"${prompt} 1"\n"${prompt} 2"\n`, (socket) => socket.end()],
];

/** Starts a TCP proxy that counts the bytes towards `url`. */
async function startCountingProxy(url: string) {
  let bytesForwarded = 0;
  const server = createServer((client) => {
    const target = connect(Number(new URL(url).port), '127.0.0.1');
    for (const [one, other] of [
      [client, target],
      [target, client],
    ] as const) {
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
    client.on('data', (bytes) => {
      bytesForwarded += bytes.length;
    });
    client.pipe(target).pipe(client);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bytesForwarded: () => bytesForwarded };
}

/** Returns a gateway, and a function that sends a part of a file and waits until the worker has received it. */
async function startGateway({ models, workers, internalToken }: Deployment) {
  const [worker] = workers;
  const proxy = await startCountingProxy(worker?.url ?? '');
  const MODEL_SERVICE_URL = models.map(({ url }) => url).join();
  const env = { INTERNAL_TOKEN: internalToken, MODEL_SERVICE_URL, WORKER_SERVICE_URL: proxy.url };
  const app = await startApp('gateway', env);
  onTestFinished(() => app.close());
  async function sendToWorker(bytes: number, send: () => Socket): Promise<Socket> {
    const before = proxy.bytesForwarded();
    const socket = send();
    await vi.waitFor(() => expect(proxy.bytesForwarded() - before).toBeGreaterThan(bytes), WAIT);
    return socket;
  }
  return { url: app.url, sendToWorker };
}

// In the monolith, no body crosses services, and only the worker's connection shows that a part has arrived.
const DEPLOYMENTS = matrixDeployments('services').filter((name) => name !== 'monolith');

describe.each(DEPLOYMENTS)('%s', (name) => {
  it(
    'creates no job from a file that breaks off, and its key then works for the whole file',
    async () => {
      const deployment = await sharedDeployment(name);
      const { url, sendToWorker } = await startGateway(deployment);
      const authorization = `Bearer ${deployment.internalToken}`;
      const countDisconnects = async () => {
        const metrics = await (await fetch(`${url}/metrics`, { headers: { authorization } })).text();
        return Number(/^http_requests_total\{.*route="\/api\/v1\/jobs".*status="499"\} (\d+)/m.exec(metrics)?.[1] ?? 0);
      };

      for (const [type, wholeOf, end] of CASES) {
        const jobName = `cut ${randomUUID()}`;
        const whole = wholeOf(`${jobName} ${'x'.repeat(9_000)}`);
        const path = `/api/v1/jobs?${new URLSearchParams({ name: jobName, model: 'healthy' })}`;
        const countJobs = async () => (await (await fetch(`${url}/api/v1/jobs?q=${jobName}`)).json()).jobs.length;
        const headers = { 'content-type': type, 'idempotency-key': jobName };
        const head = [`POST ${path} HTTP/1.1`, 'host: 127.0.0.1', ...Object.entries(headers).map((entry) => entry.join(': '))];
        const part = whole.slice(0, whole.lastIndexOf('\n', whole.length - 2) + 1);

        for (const [framing, body] of [
          [`content-length: ${whole.length}`, part],
          ['transfer-encoding: chunked', `${part.length.toString(16)}\r\n${part}\r\n`],
        ] as const) {
          const before = await countDisconnects();
          const request = `${[...head, framing].join('\r\n')}\r\n\r\n${body}`;
          const socket = await sendToWorker(part.length, () => openRaw(url, request).socket);
          const closed = once(socket.resume(), 'close');
          end(socket);
          await closed;
          await vi.waitFor(async () => expect(await countDisconnects()).toBe(before + 1), WAIT);
          expect(await countJobs()).toBe(0);
        }
        const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: whole });
        expect([type, response.status, await response.json()]).toEqual([
          type,
          202,
          expect.objectContaining({ total_prompts: 2 }),
        ]);
        expect(await countJobs()).toBe(1);
        const calls = () => deployment.provider.calls.filter(({ prompt }) => prompt.startsWith(jobName));
        await vi.waitFor(() => expect(calls()).toHaveLength(2), WAIT);
      }
    },
    LONG_TEST_MS,
  );
});
