import { copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createApiClient } from '@prodigon/api-client';
import { describeMachine, plotLines } from '@prodigon/lab';
import { writeReportableResult } from '../common/write-result.ts';
import { type AcknowledgedJobs, createAcknowledgedJobs } from './acknowledged-jobs.ts';
import { describeProcesses } from './describe-processes.ts';
import { evaluateSoak } from './evaluate-soak.ts';
import { type Fault, planFaults } from './fault-plan.ts';
import { injectFaults } from './inject-faults.ts';
import { printSoak } from './print-soak.ts';
import { CALLERS, runCallers } from './run-callers.ts';
import { type SoakPlatform, startSoakPlatform } from './soak-platform.ts';
import { createTally, type Tally } from './tally.ts';
import { verifyJobs } from './verify-jobs.ts';
import { type HealthSample, watchHealth } from './watch-health.ts';

export const SOAK_MINUTES = 15;
const MINUTE_MS = 60_000;
/** Pools and caches fill during the warm-up: at least a minute, or a third of a longer run. */
const WARM_UP = { ms: MINUTE_MS, share: 1 / 3 };
const INTERRUPTED_EXIT_CODE = 130;

export interface SoakOptions {
  readonly minutes: number;
  /** Determines the activities of the clients and the faults. */
  readonly seed: string;
  readonly signal: AbortSignal;
}

/**
 * Runs mixed load on the complete platform while killing and stopping its processes. Resolves with the exit code: 0 when
 * nothing was lost, duplicated or wrong and nothing grows, 1 otherwise, 130 after an interrupt.
 */
export async function runSoak({ minutes, seed, signal }: SoakOptions): Promise<number> {
  const machine = describeMachine();
  const durationMs = minutes * MINUTE_MS;
  process.stdout.write(`${minutes} minutes with ${CALLERS} clients, seed ${seed}\n`);
  const platform = await startSoakPlatform(signal);
  try {
    const load = await runLoad(platform, { durationMs, seed, signal });
    const { tally, acknowledgedJobs, samples, faults } = load;
    const client = createApiClient({ baseUrl: platform.url });
    process.stdout.write('The load has ended. Waiting for open jobs ...\n');
    const jobs = signal.aborted ? null : await verifyJobs(client, acknowledgedJobs, signal);
    const warmUpMs = Math.max(WARM_UP.ms, WARM_UP.share * durationMs);
    const processes = describeProcesses(samples, warmUpMs);
    const calls = [...platform.callsByPrompt().values()];
    const failures = evaluateSoak({ wrongResponses: tally.sum('wrong'), jobs, processes });
    printSoak(tally, jobs, processes);
    for (const failure of failures) process.stdout.write(`✗ ${failure}\n`);
    if (failures.length > 0) keepOutput(platform.outputPath);
    if (signal.aborted) {
      process.stdout.write('Interrupted: the findings are incomplete, and nothing is written.\n');
      return INTERRUPTED_EXIT_CODE;
    }
    if (failures.length === 0) process.stdout.write('✓ Nothing was lost, duplicated or wrong, and nothing grows.\n');
    const result = {
      ...machine,
      minutes,
      seed,
      callers: CALLERS,
      warm_up_s: warmUpMs / 1_000,
      failures,
      disturbances: countFaults(faults),
      answers: tally.byActivity,
      refused_or_broken_off: tally.reasons,
      wrong: tally.wrong,
      jobs,
      prompts_asked_again: calls.filter((times) => times > 1).length,
      processes,
    };
    const isFullLength = minutes >= SOAK_MINUTES;
    writeReportableResult('soak', result, { isQuick: !isFullLength, toleratesLoad: false, peers: [], signal }, plotHeap(samples));
    return failures.length === 0 ? 0 : 1;
  } finally {
    await platform.close();
  }
}

/** Copies the output of the processes, which explains failures, before the platform removes it. */
function keepOutput(path: string): void {
  const kept = join(mkdtempSync(join(tmpdir(), 'soak-output-')), 'output.log');
  copyFileSync(path, kept);
  process.stdout.write(`The output of the processes is in ${kept}\n`);
}

interface Load {
  readonly tally: Tally;
  readonly acknowledgedJobs: AcknowledgedJobs;
  readonly samples: readonly HealthSample[];
  readonly faults: readonly Fault[];
}

async function runLoad(
  platform: SoakPlatform,
  { durationMs, seed, signal }: { durationMs: number; seed: string; signal: AbortSignal },
): Promise<Load> {
  const tally = createTally();
  const acknowledgedJobs = createAcknowledgedJobs();
  const over = AbortSignal.any([signal, AbortSignal.timeout(durationMs)]);
  const injection = injectFaults(planFaults(seed, durationMs), platform, over);
  const health = watchHealth(platform, over);
  const progress = reportProgress({ tally, acknowledgedJobs, samples: health.samples, faults: injection.injected }, over);
  const callers = runCallers({ url: platform.url, seed, acknowledgedJobs, tally, wasCalm: injection.wasCalm, over });
  // The terminal sends Ctrl-C to the services too, so outcomes after it are meaningless.
  const interrupted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  await Promise.race([callers, interrupted]);
  await Promise.all([injection.ended, health.ended, progress]);
  return { tally, acknowledgedJobs, samples: health.samples, faults: injection.injected };
}

async function reportProgress({ tally, acknowledgedJobs, samples, faults }: Load, over: AbortSignal): Promise<void> {
  for (let minute = 1; ; minute += 1) {
    await wait(MINUTE_MS, undefined, { signal: over }).catch(() => {});
    if (over.aborted) return;
    const latest = new Map(samples.map(({ name, heapMb }) => [name, heapMb.toFixed(1)]));
    const parts = [
      `${tally.sum('right')} correct responses, ${tally.sum('refused')} rejected, ${tally.sum('broken off')} broken off, ${tally.sum('wrong')} wrong`,
      `${acknowledgedJobs.acknowledged.length} jobs`,
      `${faults.length} kills and stops`,
      `heap in MB: ${[...latest].map(([name, heap]) => `${name} ${heap}`).join(', ')}`,
    ];
    process.stdout.write(`minute ${minute}: ${parts.join('; ')}\n`);
  }
}

function countFaults(faults: readonly Fault[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind, process: name } of faults) counts[`${kind} ${name}`] = (counts[`${kind} ${name}`] ?? 0) + 1;
  return counts;
}

/** Plots the live heap of each process name, across restarts. */
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
