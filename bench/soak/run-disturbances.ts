import { setTimeout as wait } from 'node:timers/promises';
import type { Disturbance } from './disturbance-plan.ts';
import type { SoakPlatform } from './soak-platform.ts';

/** A process that was killed answers again after a while, and what called it meanwhile has waited and tried again. */
const OVER_AFTER_MS = 15_000;
const LOOK_EVERY_MS = 100;

export interface Disturbances {
  /** What has been done so far. */
  readonly done: readonly Disturbance[];
  /** Whether nothing was being disturbed between two moments of `performance.now()`. */
  wasCalm(fromMs: number, untilMs: number): boolean;
  /** Ends when the last one is over, or the signal is aborted; then nothing is left stopped. */
  readonly ended: Promise<void>;
}

/** Carries out the plan from now on. */
export function runDisturbances(plan: readonly Disturbance[], platform: SoakPlatform, signal: AbortSignal): Disturbances {
  const begunAtMs = performance.now();
  const done: Disturbance[] = [];
  const spans: { fromMs: number; untilMs: number }[] = [];
  const pause = (ms: number) => wait(Math.max(0, ms), undefined, { signal }).catch(() => {});

  async function find(name: string): Promise<number | undefined> {
    while (!signal.aborted) {
      const pid = platform.processes().find((each) => each.name === name)?.pid;
      if (pid !== undefined) return pid;
      await pause(LOOK_EVERY_MS);
    }
    return undefined;
  }

  async function carryOut(disturbance: Disturbance): Promise<void> {
    const pid = await find(disturbance.process);
    if (pid === undefined) return;
    const span = { fromMs: performance.now(), untilMs: Number.POSITIVE_INFINITY };
    spans.push(span);
    done.push(disturbance);
    if (disturbance.kind === 'kill') process.kill(pid, 'SIGKILL');
    else {
      process.kill(pid, 'SIGSTOP');
      await pause(disturbance.forMs);
      process.kill(pid, 'SIGCONT');
    }
    span.untilMs = performance.now() + OVER_AFTER_MS;
  }

  async function run(): Promise<void> {
    for (const disturbance of plan) {
      await pause(disturbance.atMs - (performance.now() - begunAtMs));
      if (signal.aborted) return;
      await carryOut(disturbance);
    }
  }

  return {
    done,
    wasCalm: (fromMs, untilMs) => !spans.some((span) => span.fromMs < untilMs && fromMs < span.untilMs),
    ended: run(),
  };
}
