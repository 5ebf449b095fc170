import { copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createApiClient } from '@prodigon/api-client';
import { describeMachine, plotLines } from '@prodigon/lab';
import { keepResult } from '../common/write-result.ts';
import { type AcknowledgedJobs, createAcknowledgedJobs } from './acknowledged-jobs.ts';
import { describeProcesses } from './describe-processes.ts';
import { type Disturbance, planDisturbances } from './disturbance-plan.ts';
import { evaluateSoak } from './evaluate-soak.ts';
import { printSoak } from './print-soak.ts';
import { CALLERS, runCallers } from './run-callers.ts';
import { runDisturbances } from './run-disturbances.ts';
import { type SoakPlatform, startSoakPlatform } from './soak-platform.ts';
import { createTally, type Tally } from './tally.ts';
import { verifyJobs } from './verify-jobs.ts';
import { type HealthSample, watchHealth } from './watch-health.ts';

export const SOAK_MINUTES = 15;
const MINUTE_MS = 60_000;
/** Pools fill and what is kept of the last minutes gets its size: at least a minute, a third of a longer run. */
const WARM_UP = { ms: MINUTE_MS, share: 1 / 3 };
const INTERRUPTED_EXIT_CODE = 130;

export interface SoakOptions {
  readonly minutes: number;
  /** Of what callers do and of what goes wrong. */
  readonly seed: string;
  readonly signal: AbortSignal;
}

/**
 * Mixed load for so long on the whole platform, whose processes are killed and stopped meanwhile. Resolves with the exit
 * code: 0 when nothing was lost, doubled or wrong and nothing grows, 1 when something was, 130 when it was interrupted.
 */
export async function runSoak({ minutes, seed, signal }: SoakOptions): Promise<number> {
  const machine = describeMachine();
  const durationMs = minutes * MINUTE_MS;
  process.stdout.write(`${minutes} minutes with ${CALLERS} callers, seed ${seed}\n`);
  const platform = await startSoakPlatform(signal);
  try {
    const load = await runLoad(platform, { durationMs, seed, signal });
    const { tally, acknowledgedJobs, samples, disturbances } = load;
    const client = createApiClient({ baseUrl: platform.url });
    process.stdout.write('The load is over. Waiting for the jobs that are still open ...\n');
    const jobs = signal.aborted ? null : await verifyJobs(client, acknowledgedJobs, signal);
    const warmUpMs = Math.max(WARM_UP.ms, WARM_UP.share * durationMs);
    const processes = describeProcesses(samples, warmUpMs);
    const calls = [...platform.callsByPrompt().values()];
    const failures = evaluateSoak({ wrongAnswers: tally.sum('wrong'), jobs, processes });
    printSoak(tally, jobs, processes);
    for (const failure of failures) process.stdout.write(`✗ ${failure}\n`);
    if (failures.length > 0) keepOutput(platform.outputPath);
    if (signal.aborted) {
      process.stdout.write('Interrupted: this is what was found so far, and nothing is written.\n');
      return INTERRUPTED_EXIT_CODE;
    }
    if (failures.length === 0) process.stdout.write('✓ Nothing was lost, doubled or wrong, and nothing grows.\n');
    const result = {
      ...machine,
      minutes,
      seed,
      callers: CALLERS,
      warm_up_s: warmUpMs / 1_000,
      failures,
      disturbances: summariseDisturbances(disturbances),
      answers: tally.byActivity,
      refused_or_broken_off: tally.reasons,
      wrong: tally.wrong,
      jobs,
      prompts_asked_again: calls.filter((times) => times > 1).length,
      processes,
    };
    const isWhole = minutes >= SOAK_MINUTES;
    keepResult('soak', result, { isQuick: !isWhole, toleratesLoad: false, peers: [], signal }, plotHeap(samples));
    return failures.length === 0 ? 0 : 1;
  } finally {
    await platform.close();
  }
}

/** What went wrong is looked for in what the processes said. */
function keepOutput(path: string): void {
  const kept = join(mkdtempSync(join(tmpdir(), 'soak-output-')), 'output.log');
  copyFileSync(path, kept);
  process.stdout.write(`What the processes wrote is kept in ${kept}\n`);
}

interface Load {
  readonly tally: Tally;
  readonly acknowledgedJobs: AcknowledgedJobs;
  readonly samples: readonly HealthSample[];
  readonly disturbances: readonly Disturbance[];
}

async function runLoad(
  platform: SoakPlatform,
  { durationMs, seed, signal }: { durationMs: number; seed: string; signal: AbortSignal },
): Promise<Load> {
  const tally = createTally();
  const acknowledgedJobs = createAcknowledgedJobs();
  const over = AbortSignal.any([signal, AbortSignal.timeout(durationMs)]);
  const disturbances = runDisturbances(planDisturbances(seed, durationMs), platform, over);
  const health = watchHealth(platform, over);
  const progress = tellProgress({ tally, acknowledgedJobs, samples: health.samples, disturbances: disturbances.done }, over);
  const callers = runCallers({ url: platform.url, seed, acknowledgedJobs, tally, wasCalm: disturbances.wasCalm, over });
  // What callers meet after Ctrl-C, which the terminal sends to the services too, says nothing.
  const interrupted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  await Promise.race([callers, interrupted]);
  await Promise.all([disturbances.ended, health.ended, progress]);
  return { tally, acknowledgedJobs, samples: health.samples, disturbances: disturbances.done };
}

async function tellProgress({ tally, acknowledgedJobs, samples, disturbances }: Load, over: AbortSignal): Promise<void> {
  for (let minute = 1; ; minute += 1) {
    await wait(MINUTE_MS, undefined, { signal: over }).catch(() => {});
    if (over.aborted) return;
    const latest = new Map(samples.map(({ name, heapMb }) => [name, heapMb.toFixed(1)]));
    const told = [
      `${tally.sum('right')} answers right, ${tally.sum('refused')} refused, ${tally.sum('broken off')} broken off, ${tally.sum('wrong')} wrong`,
      `${acknowledgedJobs.acknowledged.length} jobs`,
      `${disturbances.length} kills and stops`,
      `heap in MB: ${[...latest].map(([name, heap]) => `${name} ${heap}`).join(', ')}`,
    ];
    process.stdout.write(`minute ${minute}: ${told.join('; ')}\n`);
  }
}

function summariseDisturbances(done: readonly Disturbance[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind, process: name } of done) counts[`${kind} ${name}`] = (counts[`${kind} ${name}`] ?? 0) + 1;
  return counts;
}

/** Of the processes that lived from begin to end, and of the others with what their lives have in common. */
function plotHeap(samples: readonly HealthSample[]): string {
  const names = [...new Set(samples.map(({ name }) => name))].sort();
  return plotLines({
    title: 'Live heap under mixed load, with kills of model service 2 and worker 2',
    xLabel: 'minutes',
    yLabel: 'MB after a full collection, without compiled code',
    lines: names.map((name) => ({
      name,
      points: samples.filter((each) => each.name === name).map(({ atMs, heapMb }) => [atMs / MINUTE_MS, heapMb] as const),
    })),
  });
}
