import { randomUUID } from 'node:crypto';
import type { LabPoint } from '@prodigon/contracts/workshop';
import { readCpu } from '../checks/foreign-load.ts';
import { closedLoop } from '../load/closed-loop.ts';
import { openLoop } from '../load/open-loop.ts';
import { makeLabFolder, removeLabFolder } from '../stack/lab-folder.ts';
import { sweepLabFolders } from '../stack/sweep-lab-folders.ts';
import { orderBlocks } from './block-order.ts';
import type { Arm, Metric, Workload } from './experiment.ts';
import type { RunRecord } from './guards.ts';
import { measureBlocks } from './measure-blocks.ts';
import type { MeasuredBlock } from './measured-block.ts';
import type { RunDependencies, RunEvent } from './run-options.ts';
import { createRunProgress, type PlannedDurations } from './run-progress.ts';
import { closeStacks, startStacks } from './start-stacks.ts';
import { warmUp } from './warm-up.ts';

export interface MeasurementPlan {
  readonly arms: readonly Arm[];
  readonly metrics: readonly Metric[];
  readonly workload: Workload;
  readonly seed: number;
  readonly blocks: number;
  readonly blockMs: number;
  readonly warmUpMs: number;
  readonly warmUpRequestsMin: number;
  readonly durations: PlannedDurations;
  readonly signal: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
}

const DEPENDENCIES: RunDependencies = { startStacks, closedLoop, openLoop, readCpu, now: () => performance.now() };

/**
 * Starts all arms, warms them up and measures the blocks. All their processes have ended when it settles. Rejects with the
 * reason of an aborted signal.
 */
export async function measureExperiment(
  { arms, metrics, workload, seed, blocks, blockMs, warmUpMs, warmUpRequestsMin, durations, signal, onEvent }: MeasurementPlan,
  dependencies: Partial<RunDependencies> = {},
): Promise<{ record: RunRecord; points: LabPoint[] }> {
  const { startStacks, closedLoop, openLoop, readCpu, now } = { ...DEPENDENCIES, ...dependencies };
  signal.throwIfAborted();
  const startedAt = now();
  const report = (progress: Extract<RunEvent, { type: 'progress' }>['progress']) => onEvent({ type: 'progress', progress });
  const progress = createRunProgress({ arms: arms.length, durations, now, report });
  progress.enter('starting');
  await sweepLabFolders();
  const directory = makeLabFolder();
  try {
    const stacks = await startStacks({ arms, workload, runId: randomUUID(), directory, signal });
    try {
      progress.enter('warming_up');
      const warmUpRequests = await warmUp(stacks, {
        workload,
        seed,
        durationMs: warmUpMs,
        requestsMin: warmUpRequestsMin,
        signal,
        load: closedLoop,
      });
      progress.enter('measuring');
      const points: LabPoint[] = [];
      const { measured, repeated } = await measureBlocks({
        ...{ orders: orderBlocks(stacks, blocks, seed), workload, seed, blockMs, signal, load: openLoop, readCpu },
        elapsedMs: () => now() - startedAt,
        onStart: progress.measure,
        onRepeat: progress.repeat,
        onMeasured(each) {
          const point = toPoint(each, metrics);
          points.push(point);
          onEvent({ type: 'point', point });
          progress.complete();
        },
      });
      progress.enter('evaluating');
      return { record: { measured, warmUpRequests, repeated, blocksPlanned: blocks }, points };
    } finally {
      await closeStacks(stacks);
    }
  } finally {
    removeLabFolder(directory);
  }
}

function toPoint({ block, arm, startedAtMs, load }: MeasuredBlock, metrics: readonly Metric[]): LabPoint {
  // JSON has no NaN, so a metric without a value is absent.
  const values = metrics.map(({ id, read }) => [id, read(load)] as const).filter(([, value]) => Number.isFinite(value));
  return { block, arm, started_at_ms: Math.round(startedAtMs), values: Object.fromEntries(values) };
}
