import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { LabRun } from '@prodigon/contracts/workshop';
import { identifyProcess } from '@prodigon/stack/process-identity';
import { SHARED_POSTGRES_VARIABLE } from '@prodigon/testing';
import { expect, onTestFinished, vi } from 'vitest';

const INTERNAL_TOKEN = 'token-of-these-tests-0123';
const LAB = 'rest-vs-grpc';
const WAIT = { timeout: 60_000, interval: 20 };
const REPOSITORY = join(import.meta.dirname, '../../..');

const TASK = {
  ...{
    id: '01',
    slug: LAB,
    title: 'REST vs gRPC',
    summary: 'Measure.',
    minutes: 60,
    goals: ['Know'],
    prerequisites: [],
    lab: LAB,
  },
  stages: [{ id: 'stage', title: 'Stage', minutes: 5, goal: 'Goal', tested_by: 'Test', checks: ['first'] }],
  starter_fails: ['first'],
};

/** Creates a folder with a task, and returns functions that start processes in it. Call it within a test. */
export async function createLabFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-lab-app-'));
  chmodSync(folder, 0o711);
  const started: ChildProcess[] = [];
  onTestFinished(() => {
    for (const child of started) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const taskFolder = join(folder, 'workshop/part-1-design-patterns/task-01-rest-vs-grpc');
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  mkdirSync(taskFolder, { recursive: true });
  writeFileSync(join(taskFolder, 'task.json'), JSON.stringify(TASK));
  writeFileSync(join(taskFolder, 'hints.json'), '{}');
  writeFileSync(join(taskFolder, 'lesson.md'), '## The claim\n');
  write('config/models.yaml', 'providers: {}\n');
  write('apps/lab/src/main.ts', `await import(${JSON.stringify(join(import.meta.dirname, 'lab-process.test-support.ts'))});\n`);
  write('apps/monolith/src/main.ts', IDLE_SERVICE);
  const port = await findPort();
  const env = {
    ...{
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      LAB_TEST_FOLDER: folder,
      DATA_DIR: join(folder, 'data'),
      INTERNAL_TOKEN,
    },
    ...{ LABS: 'on', LAB_PORT: String(port), GATEWAY_PORT: '0', LOG_LEVEL: 'silent' },
    DATABASE_URL: process.env[SHARED_POSTGRES_VARIABLE],
  };

  async function start(entry: string): Promise<ChildProcess> {
    const child = spawn(process.execPath, [entry], { cwd: REPOSITORY, env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    started.push(child);
    await vi.waitFor(() => call('GET', '/workshop'), WAIT);
    return child;
  }

  async function call<Result>(method: string, path: string, body?: object): Promise<Result> {
    const response = await fetch(`http://127.0.0.1:${port}/internal/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${INTERNAL_TOKEN}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    return (await response.json()) as Result;
  }

  return {
    folder,
    startLab: () => start(join(folder, 'apps/lab/src/main.ts')),
    startSupervisor: () => start(join(import.meta.dirname, 'supervisor.test-support.ts')),
    predict: () => call('POST', `/labs/${LAB}/predictions`, { choice: 'more', reason: 'Smaller messages.' }),
    run: (workload: string) => call<LabRun>('POST', `/labs/${LAB}/runs`, { workload }),
    find: (id: string) => call<LabRun>('GET', `/labs/${LAB}/runs/${id}`),
    /** Resolves with the pids of the experiment that runs. */
    untilRunning: () => vi.waitFor(() => JSON.parse(readFileSync(join(taskFolder, 'pids.json'), 'utf8')) as number[], WAIT),
    /** Resolves when the run has ended. */
    untilEnded: (id: string) =>
      vi.waitFor(async () => {
        const run = await call<LabRun>('GET', `/labs/${LAB}/runs/${id}`);
        expect(['queued', 'running']).not.toContain(run.status);
        return run;
      }, WAIT),
    progress: () =>
      readFileSync(join(folder, 'my/progress.jsonl'), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    /** Resolves when nothing listens on the port of the lab service. */
    untilPortFree: () => vi.waitFor(() => expect(fetch(`http://127.0.0.1:${port}/livez`)).rejects.toThrow(), WAIT),
  };
}

/** Resolves when none of the processes runs. */
export const untilGone = (pids: readonly number[]) =>
  vi.waitFor(() => expect(pids.filter((pid) => identifyProcess(pid) !== null)).toEqual([]), WAIT);

export async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function findPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Becomes ready, and ends with its supervisor. */
const IDLE_SERVICE = `
import { createServer } from 'node:net';
for (const event of ['disconnect', 'SIGTERM']) process.on(event, () => process.exit(0));
const server = createServer().listen(0, '127.0.0.1', () => {
  process.send({ type: 'ready', service: 'monolith', url: 'http://127.0.0.1:' + server.address().port });
});
`;
