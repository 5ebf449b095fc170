import { foreignShare, type readCpu } from '../checks/foreign-load.ts';
import type { LoadResult } from '../load/load-result.ts';
import type { OpenLoopOptions } from '../load/open-loop.ts';
import type { Workload } from './experiment.ts';
import { findDisturbance, type MeasuredBlock } from './measured-block.ts';
import type { RunningStack } from './start-stacks.ts';

const CONNECTIONS = 64;
/** Maximum repetitions, as a share of all measurements. A run that needs more is too disturbed to be valid. */
const REPEATED_SHARE_MAX = 0.5;

export interface MeasureBlocksOptions {
  /** The arms of each block in the order of their measurement. */
  readonly orders: readonly (readonly RunningStack[])[];
  readonly workload: Workload;
  readonly seed: number;
  readonly blockMs: number;
  readonly signal: AbortSignal;
  readonly load: (options: OpenLoopOptions) => Promise<LoadResult>;
  readonly readCpu: typeof readCpu;
  /** Milliseconds from the start of the run. */
  readonly elapsedMs: () => number;
  readonly onStart: (arm: string) => void;
  readonly onMeasured: (measured: MeasuredBlock) => void;
  readonly onRepeat: () => void;
}

/**
 * Measures every arm once in each block, and repeats a disturbed measurement. After too many repetitions, it stops, and the
 * result ends with a disturbed measurement.
 */
export async function measureBlocks(options: MeasureBlocksOptions): Promise<{ measured: MeasuredBlock[]; repeated: number }> {
  const { orders, onStart, onMeasured, onRepeat, signal } = options;
  const repeatedMax = Math.ceil(orders.flat().length * REPEATED_SHARE_MAX);
  const measured: MeasuredBlock[] = [];
  let repeated = 0;
  for (const [block, stacks] of orders.entries()) {
    for (const stack of stacks) {
      for (;;) {
        signal.throwIfAborted();
        onStart(stack.arm.id);
        const latest = await measureOnce(stack, block, options);
        const isDisturbed = findDisturbance(latest) !== null;
        if (isDisturbed && repeated < repeatedMax) {
          repeated += 1;
          onRepeat();
          continue;
        }
        measured.push(latest);
        if (isDisturbed) return { measured, repeated };
        onMeasured(latest);
        break;
      }
    }
  }
  return { measured, repeated };
}

async function measureOnce(
  { arm, url, pids, processes }: RunningStack,
  block: number,
  { workload, seed, blockMs, signal, load, readCpu, elapsedMs }: MeasureBlocksOptions,
): Promise<MeasuredBlock> {
  const { path, check, ...call } = workload.call(seed);
  const startedAtMs = elapsedMs();
  const before = readCpu(pids);
  const result = await load({
    ...call,
    ...{ url: `${url}${path}`, check: { ...check, processes }, watch: pids, signal },
    ...{ ratePerSecond: workload.ratePerSecond, connections: workload.connections ?? CONNECTIONS, durationMs: blockMs },
  });
  const after = readCpu(pids);
  const foreignCpuShare = before && after && foreignShare(before, after);
  return { ...{ arm: arm.id, block, startedAtMs, load: result, plannedMs: blockMs }, foreignCpuShare };
}
