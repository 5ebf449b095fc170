import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { describeMachine, type RunOutcome, repeatExperiment, runExperiment, runSelfTest } from '@prodigon/lab';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import experiment from './experiment.ts';

const MINUTES_MS = 60_000;
const SEED = 41;
const RESULTS = new URL('results/', import.meta.url);

/** What this suite found, for the documentation of the lab. */
const summary: Record<string, unknown> = { machine: describeMachine() };
afterAll(() => save('summary.json', summary));

function save(name: string, result: unknown): void {
  const path = new URL(name, RESULTS);
  mkdirSync(new URL('.', path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`);
}

const describeVerdict = ({ verdict: { status, effect, estimate, guards } }: RunOutcome) => ({
  status,
  effect,
  ratio: estimate?.ratio ?? null,
  interval: estimate?.interval ?? null,
  unmet: guards.filter(({ is_met }) => !is_met).map(({ id, measured }) => `${id}: ${measured}`),
});

it('finds no effect between two equal platforms', { timeout: 20 * MINUTES_MS }, async () => {
  const startedAt = performance.now();
  const { comparisons, ...result } = await runSelfTest(experiment, { seed: SEED });
  const minutes = (performance.now() - startedAt) / MINUTES_MS;
  const effects = Object.groupBy(comparisons, ({ effect }) => effect);
  const count = (effect: keyof typeof effects) => effects[effect]?.length ?? 0;
  summary.selfTest = {
    ...{ ...result, minutes: Number(minutes.toFixed(1)), comparisons: comparisons.length },
    ...{ noDifference: count('no_difference'), unclear: count('unclear'), more: count('more'), less: count('less') },
  };
  expect(result).toMatchObject({ status: 'passed' });
  expect(minutes).toBeLessThanOrEqual(10);
});

it('reaches the same verdict three times', { timeout: 20 * MINUTES_MS }, async () => {
  const { outcomes, isSame } = await repeatExperiment(experiment, { times: 3, seed: SEED });
  summary.repeated = outcomes.map(describeVerdict);
  expect(outcomes.filter(({ verdict }) => verdict.status === 'INVALID')).toEqual([]);
  expect(isSame).toBe(true);
});

it('reaches the same verdict or INVALID while another program uses a core', { timeout: 20 * MINUTES_MS }, async () => {
  const quiet = (summary.repeated as ReturnType<typeof describeVerdict>[] | undefined)?.[0];
  const stop = occupyCore();
  onTestFinished(stop);
  const loaded = describeVerdict(await runExperiment(experiment, { seed: SEED }));
  summary.loaded = loaded;
  expect([quiet?.status, 'INVALID']).toContain(loaded.status);
});

it.for(experiment.workloads)('records a run with $label', { timeout: 20 * MINUTES_MS }, async ({ id }) => {
  const startedAt = new Date().toISOString();
  const run = await runExperiment(experiment, { seed: SEED, workload: id });
  expect(run.verdict.status).not.toBe('INVALID');
  const completedAt = new Date().toISOString();
  const { arms, points } = run;
  const blocks = points.length / arms.length;
  save(`runs/${id}.json`, {
    ...{ id: crypto.randomUUID(), lab: experiment.id, task: experiment.task, status: 'completed', queue_position: 0 },
    ...{ seed: SEED, is_quick: false, prediction: null, problem: null, ...run },
    progress: { phase: 'finished', arm: null, blocks_done: blocks, blocks_total: blocks, share: 1, seconds_left: 0 },
    ...{ created_at: startedAt, started_at: startedAt, completed_at: completedAt },
  });
});

/** Keeps one core busy. Returns a function that ends it. */
function occupyCore(): () => void {
  const busy: ChildProcess = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
  return () => void busy.kill('SIGKILL');
}
