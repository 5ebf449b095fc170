import { createSeededRandom } from '@prodigon/testing';

/** As the supervisor calls them. The first model service and the first worker are not killed, so that their memory can be followed from begin to end. */
const KILLED = ['model service 2', 'worker 2'] as const;
const STOPPED = [...KILLED, 'model service 1', 'worker 1'] as const;

const FIRST_AFTER_MS = 15_000;
const GAP_MS = { min: 12_000, max: 32_000 };
/** What went wrong last can be over before the load ends. */
const CALM_AT_END_MS = 20_000;
const STOP_MS = { min: 500, max: 5_000 };
/** Longer than the lease of what it works on, so that others take that over and it wakes up as one who was given up. */
const LONG_STOP_MS = 36_000;
const STOPPED_ONE_IN = 4;
const LONG_ONE_IN = 3;

export interface Disturbance {
  /** From the begin of the load. */
  readonly atMs: number;
  readonly process: (typeof STOPPED)[number];
  /** `kill` is SIGKILL; `stop` is SIGSTOP, and SIGCONT after `forMs`. */
  readonly kind: 'kill' | 'stop';
  /** 0 for a kill. */
  readonly forMs: number;
}

/** What goes wrong in the time of the load, in the order of time: the same for the same seed. */
export function planDisturbances(seed: string, durationMs: number): Disturbance[] {
  const random = createSeededRandom(seed, 'disturbances');
  const between = ({ min, max }: { min: number; max: number }) => min + random.upTo(max - min);
  const plan: Disturbance[] = [];
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
