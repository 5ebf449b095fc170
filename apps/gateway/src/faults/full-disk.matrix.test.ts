import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiClient } from '@prodigon/api-client';
import { errorBodySchema, isTerminalJobStatus } from '@prodigon/contracts';
import {
  AppStartError,
  type Deployment,
  echoOf,
  matrixDeployments,
  matrixOf,
  sharedDeployment,
  startApp,
  startTestPostgres,
} from '@prodigon/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { deploy, LONG_TEST_MS, WAIT } from './deployment.test-support.ts';
import { openRaw, postOf } from './raw-request.test-support.ts';
import { CAN_MOUNT, mountSmallDisk } from './small-disk.test-support.ts';

const LONG_PROMPT = 'x'.repeat(9_000);
/** Returns a prompt that PostgreSQL cannot compress, so that a few of them need space on the disk. */
const incompressiblePrompt = (tag: string) => `${tag} ${randomBytes(6_750).toString('base64')}`;
const FILE_LINES = 500;
const MEGABYTE = 1 << 20;

function upload({ url }: Deployment, lines: number, model = 'healthy'): Promise<Response> {
  const body = `${LONG_PROMPT}\n`.repeat(lines);
  return fetch(`${url}/api/v1/jobs?model=${model}`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body });
}

async function expectNoSpace(response: Response, codes: readonly string[]): Promise<void> {
  const body = await response.json();
  expect([response.status, body]).toEqual([expect.toBeOneOf([503, 507]), expect.anything()]);
  expect(codes).toContain(errorBodySchema.parse(body).error.code);
  expect(Number(response.headers.get('retry-after') ?? 1)).toBeGreaterThan(0);
}

/** Returns the processes that store uploaded files. */
const uploadProcesses = ({ gateway, workers }: Deployment) => (workers.length > 0 ? workers : [gateway]);

function limitFileSizes(deployment: Deployment, bytes: number | 'unlimited'): void {
  // Sets only the soft limit, which can be raised again.
  for (const { pid } of uploadProcesses(deployment)) execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]);
}

describe.each(matrixDeployments('services'))('%s', (name) => {
  it.runIf(CAN_MOUNT)(
    'reports a full database disk, keeps generating text, and loses no acknowledged job',
    async () => {
      const disk = mountSmallDisk(256);
      const server = await startTestPostgres({ parent: disk.folder });
      onTestFinished(() => server.close());
      const deployment = await deploy(name, { env: { DATABASE_URL: server.url, JOB_LEASE_MS: '3000' } });
      const { jobs } = createApiClient({ baseUrl: deployment.url });
      const acknowledged = new Map<string, { tag: string; count: number }>();
      const submitAndRecord = async (tag: string, count = 20): Promise<Response> => {
        const prompts = Array(count).fill(incompressiblePrompt(tag));
        const response = await deployment.post('/api/v1/jobs', { prompts, model: 'slow_1' });
        if (response.status === 202) acknowledged.set((await response.clone().json()).job_id, { tag, count });
        return response;
      };
      expect((await submitAndRecord('first', 100)).status).toBe(202);

      disk.fill();
      const rejected = await vi.waitFor(async () => {
        const response = await submitAndRecord(`full ${acknowledged.size}`);
        expect(response.status).not.toBe(202);
        return response;
      }, WAIT);
      await expectNoSpace(rejected, ['INSUFFICIENT_STORAGE', 'SERVICE_UNAVAILABLE']);
      for (let turn = 0; turn < 10; turn += 1) {
        const response = await submitAndRecord(`full ${turn}`);
        if (response.status !== 202) await expectNoSpace(response, ['INSUFFICIENT_STORAGE', 'SERVICE_UNAVAILABLE']);
        expect((await deployment.post('/api/v1/generate', { prompt: 'Hi', model: 'healthy' })).status).toBe(200);
      }

      disk.free();
      // PostgreSQL exits when it cannot write its log, and an operator restarts it.
      await server.restart('fast');
      await vi.waitFor(async () => expect((await submitAndRecord('again')).status).toBe(202), WAIT);
      for (const [jobId, { tag, count }] of acknowledged) {
        const job = await vi.waitFor(async () => {
          const completed = await jobs.get(jobId);
          expect(completed.status).toBe('completed');
          return completed;
        }, WAIT);
        expect(job.completed_prompts).toBe(count);
        const { items } = await jobs.items(jobId, { limit: 1 });
        expect(items[0]?.output?.startsWith(echoOf(tag))).toBe(true);
      }
      for (const { exited } of deployment.processes) expect(await Promise.race([exited, 'running'])).toBe('running');
    },
    LONG_TEST_MS,
  );

  it.runIf(CAN_MOUNT)('returns 507 for a file that does not fit on the disk, deletes it, and accepts the next one', async () => {
    const disk = mountSmallDisk(4);
    const deployment = await deploy(name, { env: { TMPDIR: disk.folder } });
    const { bavail } = statfsSync(disk.folder);
    for (let turn = 0; turn < 3; turn += 1) await expectNoSpace(await upload(deployment, FILE_LINES), ['INSUFFICIENT_STORAGE']);
    // A client that sends the whole file before it reads the response may reuse the connection.
    const large = postOf('/api/v1/jobs?model=healthy', `${LONG_PROMPT}\n`.repeat(8 * FILE_LINES), {
      'Content-Type': 'text/plain',
      Connection: 'keep-alive',
    });
    const next = 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n';
    const responses = await openRaw(deployment.url, large + next).response;
    expect(responses.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 507', 'HTTP/1.1 200']);
    expect((await upload(deployment, 10)).status).toBe(202);
    await vi.waitFor(() => expect(statfsSync(disk.folder).bavail).toBe(bavail), WAIT);
  });

  it.runIf(process.platform === 'linux')(
    'returns 507 when a file exceeds the file size limit, and accepts it once the limit is removed',
    async () => {
      const deployment = await sharedDeployment(name);
      const { jobs } = createApiClient({ baseUrl: deployment.url });
      onTestFinished(() => limitFileSizes(deployment, 'unlimited'));
      limitFileSizes(deployment, MEGABYTE);
      await expectNoSpace(await upload(deployment, FILE_LINES, 'gated'), ['INSUFFICIENT_STORAGE']);
      const small = await upload(deployment, 10, 'gated');
      limitFileSizes(deployment, 'unlimited');
      const large = await upload(deployment, FILE_LINES, 'gated');
      expect([small.status, large.status]).toEqual([202, 202]);
      // The jobs end here, because other tests use the same deployment.
      const jobIds = await Promise.all([small, large].map(async (response) => (await response.json()).job_id));
      await Promise.all(jobIds.map((jobId) => jobs.cancel(jobId)));
      deployment.provider.gate.open();
      for (const jobId of jobIds)
        await vi.waitFor(async () => expect(isTerminalJobStatus((await jobs.get(jobId)).status)).toBe(true), WAIT);
    },
  );
});

/** Creates a folder without write permission, even for its owner. */
function createReadOnlyFolder(): string {
  if (CAN_MOUNT) {
    const disk = mountSmallDisk(1);
    disk.makeReadOnly();
    return disk.folder;
  }
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-read-only-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  chmodSync(folder, 0o555);
  return folder;
}

describe.each(matrixOf(['gateway', 'model', 'worker', 'monolith'] as const, (app) => app === 'gateway'))('%s', (app) => {
  it('exits with 78 and names a read-only data folder, but starts when it needs no data folder', async () => {
    const DATA_DIR = createReadOnlyFolder();
    const failure = await startApp(app, { DATA_DIR, USE_MOCK: 'true' }).then(
      (running) => running.close(),
      (thrown) => thrown,
    );
    expect(failure).toBeInstanceOf(AppStartError);
    const { exit, output } = failure as AppStartError;
    expect(exit).toEqual({ code: 78, signal: null });
    expect(output).toContain(`${DATA_DIR}/internal-token`);
    expect(output.trimEnd().split('\n')).toHaveLength(2);
    expect(output).not.toMatch(/ {4}at /);

    const running = await startApp(app, { DATA_DIR, USE_MOCK: 'true', INTERNAL_TOKEN: 'token-of-these-tests-0123' });
    onTestFinished(() => running.close());
    expect((await fetch(`${running.url}/health`)).status).toBe(200);
  });
});
