import { setTimeout as wait } from 'node:timers/promises';
import type { Fault } from './fault-plan.ts';
import type { SoakPlatform } from './soak-platform.ts';

/** Covers the restart of a killed process and the retries of its clients. */
const RECOVERY_MS = 15_000;
const POLL_INTERVAL_MS = 100;

export interface FaultInjection {
  /** The faults that were injected so far. */
  readonly injected: readonly Fault[];
  /** Whether no fault affected the platform between two times of `performance.now()`. */
  wasCalm(fromMs: number, untilMs: number): boolean;
  /** Resolves after the last fault, or when the signal aborts. No process stays stopped. */
  readonly ended: Promise<void>;
}

/** Starts to inject the planned faults. */
export function injectFaults(plan: readonly Fault[], platform: SoakPlatform, signal: AbortSignal): FaultInjection {
  const startedAtMs = performance.now();
  const injected: Fault[] = [];
  const spans: { fromMs: number; untilMs: number }[] = [];
  const pause = (ms: number) => wait(Math.max(0, ms), undefined, { signal }).catch(() => {});

  async function find(name: string): Promise<number | undefined> {
    while (!signal.aborted) {
      const pid = platform.processes().find((each) => each.name === name)?.pid;
      if (pid !== undefined) return pid;
      await pause(POLL_INTERVAL_MS);
    }
    return undefined;
  }

  async function inject(fault: Fault): Promise<void> {
    const pid = await find(fault.process);
    if (pid === undefined) return;
    const span = { fromMs: performance.now(), untilMs: Number.POSITIVE_INFINITY };
    spans.push(span);
    injected.push(fault);
    if (fault.kind === 'kill') process.kill(pid, 'SIGKILL');
    else {
      process.kill(pid, 'SIGSTOP');
      await pause(fault.forMs);
      process.kill(pid, 'SIGCONT');
    }
    span.untilMs = performance.now() + RECOVERY_MS;
  }

  async function run(): Promise<void> {
    for (const fault of plan) {
      await pause(fault.atMs - (performance.now() - startedAtMs));
      if (signal.aborted) return;
      await inject(fault);
    }
  }

  return {
    injected,
    wasCalm: (fromMs, untilMs) => !spans.some((span) => span.fromMs < untilMs && fromMs < span.untilMs),
    ended: run(),
  };
}
