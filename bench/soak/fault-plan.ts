import { createSeededRandom } from '@prodigon/testing';

/** Process names of the supervisor. The first model service and worker are never killed, so that their memory trend is measurable. */
const KILLED = ['model service 2', 'worker 2'] as const;
const STOPPED = [...KILLED, 'model service 1', 'worker 1'] as const;

const FIRST_AFTER_MS = 15_000;
const GAP_MS = { min: 12_000, max: 32_000 };
/** Lets the platform recover from the last fault before the load ends. */
const CALM_AT_END_MS = 20_000;
const STOP_MS = { min: 500, max: 5_000 };
/** Longer than a lease, so that another worker takes over the items before the stopped worker resumes. */
const LONG_STOP_MS = 36_000;
const STOPPED_ONE_IN = 4;
const LONG_ONE_IN = 3;

export interface Fault {
  /** Time since the start of the load. */
  readonly atMs: number;
  readonly process: (typeof STOPPED)[number];
  /** `kill` sends SIGKILL. `stop` sends SIGSTOP, and SIGCONT after `forMs`. */
  readonly kind: 'kill' | 'stop';
  /** The duration of a stop; 0 for a kill. */
  readonly forMs: number;
}

/** Plans the faults during the load in chronological order. The same seed returns the same plan. */
export function planFaults(seed: string, durationMs: number): Fault[] {
  const random = createSeededRandom(seed, 'disturbances');
  const between = ({ min, max }: { min: number; max: number }) => min + random.upTo(max - min);
  const plan: Fault[] = [];
  let atMs = FIRST_AFTER_MS + random.upTo(GAP_MS.min);
  while (atMs < durationMs - CALM_AT_END_MS) {
    const isStop = random.oneIn(STOPPED_ONE_IN);
    const isLong = isStop && random.oneIn(LONG_ONE_IN) && atMs + LONG_STOP_MS < durationMs - CALM_AT_END_MS;
    const process = isLong ? 'worker 2' : random.pick(isStop ? STOPPED : KILLED);
    const forMs = isLong ? LONG_STOP_MS : isStop ? between(STOP_MS) : 0;
    plan.push({ atMs, process, kind: isStop ? 'stop' : 'kill', forMs });
    atMs += forMs + between(GAP_MS);
  }
  return plan;
}
