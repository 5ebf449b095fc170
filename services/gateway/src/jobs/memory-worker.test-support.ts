import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { AppError, type Job } from '@prodigon/contracts';
import { createSimulatorProvider } from '@prodigon/model-providers';
import { createHttpServer, createInternalContextFactory, createLifecycle, createLogger, createMetrics } from '@prodigon/platform';
import type { JobQueue, JobStore, JobsClient, LeaseStore, ModelClient } from '@prodigon/ports';
import { createHttp1Transport, createHttp2Transport, createRemoteJobsClient } from '@prodigon/service-clients';
import { createWorkerService } from '@prodigon/worker-service';
import { expect, vi } from 'vitest';
import { type OnClose, startPlatform, type Topology } from '../gateway-harness.test-support.ts';

const internalToken = 'internal-token-of-the-tests';

/** A job that has not started, without the fields that its submission determines. */
export const QUEUED_JOB: Omit<Job, 'job_id' | 'total_prompts'> = {
  name: 'Job',
  status: 'pending',
  cancelling: false,
  created_at: '2026-01-01T00:00:00.000Z',
  started_at: null,
  completed_at: null,
  expires_at: '2026-01-02T00:00:00.000Z',
  model: null,
  max_tokens: 1_024,
  temperature: 0.7,
  system_prompt: null,
  priority: 0,
  completed_prompts: 0,
  failed_prompts: 0,
  cancelled_prompts: 0,
  running_prompts: 0,
  usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
  cost_usd: null,
  eta_s: null,
  sequence: 0,
  error: null,
};

/** A job store that keeps the prompts of each job, with its idempotency key. */
function createMemoryJobStore() {
  const jobs: { name: string; prompts: string[]; key: string | undefined; fingerprint: string | undefined }[] = [];
  /** Called when a submission is whole, before its job exists. */
  const onWhole = vi.fn(async () => {});
  const create: JobStore['create'] = async ({ jobId, options, idempotency }, inputs) => {
    await onWhole();
    const { key, fingerprint } = idempotency ?? {};
    const same = jobs.find((job) => key !== undefined && job.key === key);
    if (same && same.fingerprint !== fingerprint) throw new AppError('VALIDATION_ERROR');
    const prompts: string[] = [];
    for await (const batch of inputs) prompts.push(...batch.map(({ prompt }) => prompt));
    if (!same) jobs.push({ name: options.name, prompts, key, fingerprint });
    return {
      job: { ...QUEUED_JOB, name: options.name, job_id: jobId, total_prompts: prompts.length },
      isReplay: same !== undefined,
    };
  };
  return { jobs, onWhole, jobStore: { create } as JobStore };
}

/** Starts a gateway and a worker that the gateway reaches in the given way. */
export async function startMemoryWorker(topology: Topology, onClose: OnClose) {
  const { jobs, onWhole, jobStore } = createMemoryJobStore();
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ service: 'worker', level: 'info', secrets: [], destination });
  const lifecycle = createLifecycle({ drainTimeoutMs: 5_000 });
  const metrics = createMetrics();
  const worker = createWorkerService({
    jobStore,
    leaseStore: {} as LeaseStore,
    queue: { notify() {} } as JobQueue,
    model: {} as ModelClient,
    lifecycle,
    metrics,
    logger,
    name: 'worker-1',
    limits: { concurrency: 1, leaseMs: 5_000, retentionDays: 30, timeoutMs: 30_000 },
  });
  /** The submissions that the worker has finished with, successfully or not. */
  let finished = 0;

  async function startRemoteClient(): Promise<JobsClient> {
    const server = await createHttpServer({
      service: 'worker',
      logger,
      metrics,
      authentication: { internalToken, openMetrics: false },
      http2: true,
      plugins: [
        async (app) => {
          app.addHook('onSend', async () => {
            finished += 1;
          });
          await app.register(worker.routes({ createContext: createInternalContextFactory({ lifecycle, timeoutMs: 60_000 }) }));
        },
      ],
    });
    const baseUrl = await server.listen({ host: '127.0.0.1', port: 0 });
    const createTransport = topology === 'over HTTP/2' ? createHttp2Transport : createHttp1Transport;
    const transport = createTransport({ baseUrl, connectTimeoutMs: 5_000 });
    onClose(async () => {
      await transport.close();
      await server.close();
    });
    return createRemoteJobsClient({ transport, internalToken });
  }

  const local: JobsClient = {
    ...worker.client,
    create: (...call) =>
      worker.client.create(...call).finally(() => {
        finished += 1;
      }),
  };
  const client = topology === 'in one process' ? local : await startRemoteClient();
  const providers = [{ endpoints: [createSimulatorProvider()] }];
  const { url, log: gatewayLog } = await startPlatform({ topology: 'in one process', providers, jobs: client }, onClose);

  /** Sends the beginning of a file, ends the connection, and waits until the worker has finished with the submission. */
  async function cut(headers: string[], body: string, end: (socket: Socket) => unknown): Promise<void> {
    const before = finished;
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {}).resume();
    const head = ['POST /api/v1/jobs HTTP/1.1', `Host: ${hostname}`, ...headers];
    await new Promise<void>((resolve) => socket.write(`${head.join('\r\n')}\r\n\r\n${body}`, () => resolve()));
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    const closed = once(socket, 'close');
    await end(socket);
    await closed;
    await vi.waitFor(() => expect(finished).toBe(before + 1), { interval: 1 });
  }
  const submit = (body: object, headers: Record<string, string> = {}) =>
    fetch(`${url}/api/v1/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const upload = (type: string, key: string, body: string) =>
    fetch(`${url}/api/v1/jobs`, { method: 'POST', headers: { 'content-type': type, 'idempotency-key': key }, body });
  return { url, jobs, onWhole, cut, submit, upload, log: () => lines.join('') + gatewayLog() };
}
