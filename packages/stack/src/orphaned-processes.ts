import { isAlive, signalProcess } from './process-identity.ts';
import { StackError } from './stack-error.ts';
import type { StackEvent } from './stack-event.ts';
import type { StackState } from './state-file.ts';
import { type Timers, wait } from './timers.ts';

const GRACE_MS = 3_000;
const EXIT_TIMEOUT_MS = 10_000;
const POLL_INTERVAL_MS = 25;

/**
 * Stops the processes of a dead supervisor. It signals only processes with the recorded start time, because another
 * program may have reused a pid. Throws a `StackError` when a process does not end.
 */
export async function stopOrphans(state: StackState, timers: Timers, onEvent: (event: StackEvent) => void): Promise<void> {
  // The next start adopts the database, and `stopOrphanedDatabase` stops it.
  const orphans = aliveProcesses(state).filter(({ service }) => service !== 'database');
  for (const { service, title, process } of orphans) {
    onEvent({ type: 'orphan', service, message: `A ${title} of an earlier start still runs (pid ${process.pid}). Stopping it.` });
    signalProcess(process, 'SIGTERM');
  }
  const startedAt = timers.now();
  let isKilled = false;
  for (;;) {
    const remaining = orphans.filter(({ process }) => isAlive(process));
    if (remaining.length === 0) return;
    const waitedMs = timers.now() - startedAt;
    if (waitedMs > EXIT_TIMEOUT_MS)
      throw new StackError(`Process ${remaining[0]?.process.pid} of an earlier start cannot be stopped.`);
    if (waitedMs > GRACE_MS && !isKilled) {
      isKilled = true;
      for (const { service, title, process } of remaining) {
        onEvent({
          type: 'killed',
          service,
          message: `The ${title} of an earlier start did not stop in time. Killed it.`,
        });
        signalProcess(process, 'SIGKILL');
      }
    }
    await wait(timers, POLL_INTERVAL_MS);
  }
}

export function aliveProcesses(state: StackState) {
  return state.processes.flatMap(({ service, title, process }) =>
    process && isAlive(process) ? [{ service, title, process }] : [],
  );
}
