import type { LabProgress } from '@prodigon/contracts/workshop';
import type { Experiment } from './experiment.ts';

/** The start time of two services on a machine with two cores. Stacks start concurrently. */
const START_MS_PER_STACK = 1_600;
/** The time that the start of the load generator and the reading of CPU times take. */
const OVERHEAD_MS = 300;

export interface PlannedDurations {
  readonly startMs: number;
  readonly warmUpMs: number;
  /** Milliseconds for one arm in one block. */
  readonly measurementMs: number;
  readonly measurements: number;
}

export function planDurations(
  { arms, blocks, blockMs, warmUpMs }: Pick<Experiment, 'arms' | 'blocks' | 'blockMs' | 'warmUpMs'>,
  length: 'full' | 'quick',
): PlannedDurations {
  return {
    startMs: arms.length * START_MS_PER_STACK,
    warmUpMs: warmUpMs[length] + OVERHEAD_MS,
    measurementMs: blockMs[length] + OVERHEAD_MS,
    measurements: arms.length * blocks[length],
  };
}

export function totalSeconds({ startMs, warmUpMs, measurementMs, measurements }: PlannedDurations): number {
  return Math.ceil((startMs + warmUpMs + measurementMs * measurements) / 1_000);
}

export interface RunProgress {
  enter(phase: LabProgress['phase']): void;
  /** Reports the arm that is measured now. */
  measure(arm: string): void;
  /** Counts a complete measurement of an arm in a block. */
  complete(): void;
  /** Counts a measurement that other programs disturbed, and that is repeated. */
  repeat(): void;
}

/** Reports the progress of a run. It estimates the remaining time from the plan, and during the measurement from the elapsed blocks. */
export function createRunProgress({
  arms,
  durations,
  now,
  report,
}: {
  arms: number;
  durations: PlannedDurations;
  now: () => number;
  report: (progress: LabProgress) => void;
}): RunProgress {
  const { startMs, warmUpMs, measurementMs, measurements } = durations;
  let phase: LabProgress['phase'] = 'starting';
  let arm: string | null = null;
  let done = 0;
  let repeated = 0;
  let measuringSince = 0;

  function millisecondsLeft(): number {
    // Repetitions so far count, as the next measurements may need as many.
    const measuredMs = done === 0 ? measurementMs * (1 + repeated) : (now() - measuringSince) / done;
    const rest = (measurements - done) * measuredMs;
    if (phase === 'starting') return startMs + warmUpMs + rest;
    if (phase === 'warming_up') return warmUpMs + rest;
    return phase === 'measuring' ? rest : 0;
  }

  function reportNow(): void {
    const total = startMs + warmUpMs + measurements * measurementMs;
    const before = {
      starting: 0,
      warming_up: startMs,
      measuring: startMs + warmUpMs,
      evaluating: total,
      finished: total,
      queued: 0,
    };
    report({
      ...{ phase, arm, blocks_done: Math.floor(done / arms), blocks_total: measurements / arms, measurements_repeated: repeated },
      share: Math.min(1, (before[phase] + (phase === 'measuring' ? done * measurementMs : 0)) / total),
      seconds_left: Math.round(millisecondsLeft() / 1_000),
    });
  }

  return {
    enter(next) {
      phase = next;
      arm = null;
      if (next === 'measuring') measuringSince = now();
      reportNow();
    },
    measure(next) {
      arm = next;
      reportNow();
    },
    complete() {
      done += 1;
      reportNow();
    },
    repeat() {
      repeated += 1;
      reportNow();
    },
  };
}
