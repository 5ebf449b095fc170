import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identifyProcess } from '@prodigon/stack/process-identity';
import { beforeEach, describe, expect, it, type Mock, onTestFinished, vi } from 'vitest';
import { createChildTaskRunner } from './child-task-runner.ts';
import { createRunnerRecord } from './runner-record.ts';

const ENTRY = join(import.meta.dirname, 'fake-runner-main.test-support.ts');

let folder: string;
let warn: Mock<(details: object) => void>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prodigon-runner-'));
  warn = vi.fn<(details: object) => void>();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

const createRunner = (options: { cancelGraceMs?: number; env?: NodeJS.ProcessEnv } = {}) =>
  createChildTaskRunner({
    ...{ entry: ENTRY, directory: folder, env: process.env, record: createRunnerRecord({ directory: folder }) },
    logger: { warn },
    ...options,
  });

function run(workload: string, { signal = new AbortController().signal, runner = createRunner() } = {}) {
  const listeners = { signal, onProgress: vi.fn(), onPoint: vi.fn() };
  const request = { folder, seed: 1, isQuick: true, workload, arms: ['rest', 'grpc'], prediction: null };
  const outcome = runner.runExperiment(request, listeners);
  outcome.catch(() => {});
  return { ...listeners, outcome };
}

/** Resolves with the pids that the experiment has reported. */
const untilReported = () =>
  vi.waitFor(() => JSON.parse(readFileSync(join(folder, 'pids.json'), 'utf8')) as number[], { timeout: 60_000, interval: 20 });
const untilEnded = (pids: readonly number[]) =>
  vi.waitFor(() => expect(pids.map(identifyProcess)).toEqual(pids.map(() => null)), { timeout: 60_000, interval: 20 });
const records = () => readdirSync(folder).filter((name) => name.startsWith('.runner-'));

describe('a runner process', () => {
  it('passes on progress, points and the outcome', async () => {
    const { outcome, onProgress, onPoint } = run('quick');
    expect(await outcome).toMatchObject({ verdict: { status: 'REFUTED' } });
    expect([onProgress.mock.calls.length, onPoint.mock.calls]).toEqual([1, [[expect.objectContaining({ arm: 'rest' })]]]);
    expect(records()).toEqual([]);
  });

  it('describes the experiment and the checks of a task', async () => {
    const runner = createRunner();
    expect(await runner.describeExperiment(folder)).toMatchObject({ id: 'rest-vs-grpc', baseline: 'rest' });
    expect(await runner.describeChecks(folder)).toEqual([{ id: 'first', title: 'The first check', stage: 'stage' }]);
  });

  it('rejects with the problem of the experiment', async () => {
    await expect(run('fail').outcome).rejects.toMatchObject({ problem: 'The platform of an arm did not start.' });
  });

  it('hides the reason of an unexpected error from the learner, and logs it', async () => {
    await expect(run('throw').outcome).rejects.toMatchObject({ problem: expect.not.stringContaining('secret') });
    expect(warn.mock.calls[0]?.[0]).toMatchObject({ reason: expect.stringContaining('secret reason') });
  });

  it('rejects when the process exits early', async () => {
    await expect(run('crash').outcome).rejects.toMatchObject({ problem: 'The runner process ended early (exit code 3).' });
  });

  it('rejects when the process is killed, and leaves no process of its group and no folder', async () => {
    const { outcome } = run('long');
    const pids = await untilReported();
    process.kill(pids[0] ?? -1, 'SIGKILL');
    await expect(outcome).rejects.toMatchObject({ problem: 'The runner process ended early (SIGKILL).' });
    await untilEnded(pids);
    expect(existsSync(join(folder, 'swept'))).toBe(true);
    expect([records(), await run('quick').outcome]).toMatchObject([[], { points: [] }]);
  });

  it('ends with its group when the signal aborts', async () => {
    const abort = new AbortController();
    const { outcome } = run('long', { signal: abort.signal });
    const pids = await untilReported();
    abort.abort(new Error('Stop'));
    await expect(outcome).rejects.toThrow('Stop');
    await untilEnded(pids);
  });

  it.each(['stubborn', 'loop'])('is killed when the experiment "%s" does not stop in time', async (workload) => {
    const abort = new AbortController();
    const { outcome } = run(workload, { signal: abort.signal, runner: createRunner({ cancelGraceMs: 50 }) });
    const pids = await untilReported();
    abort.abort(new Error('Stop'));
    await expect(outcome).rejects.toThrow('Stop');
    await untilEnded(pids);
    expect(existsSync(folder)).toBe(true);
  });

  it('is killed by the next lab service when the record of an earlier one names it', async () => {
    const { outcome } = run('long');
    const pids = await untilReported();
    expect(createRunnerRecord({ directory: folder }).killLeftovers()).toEqual({ recorded: 1, killed: [pids[0]] });
    await expect(outcome).rejects.toMatchObject({ problem: expect.stringContaining('SIGKILL') });
    await untilEnded(pids);
  });
});
