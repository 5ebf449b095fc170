import { isAlive, signalProcess } from './process-identity.ts';
import { StackError } from './stack-error.ts';
import type { StackEvent } from './stack-event.ts';
import type { StackState } from './state-file.ts';
import { type Timers, wait } from './timers.ts';

const GRACE_MS = 3_000;
const GONE_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 25;

/**
 * Stops the processes of a supervisor that died. It signals only processes with the recorded start time, because a pid
 * may belong to another program by now. Throws when a process does not end.
 */
export async function stopOrphans(state: StackState, timers: Timers, onEvent: (event: StackEvent) => void): Promise<void> {
  // The next start adopts the database, and `stopOrphanedDatabase` stops it.
  const orphans = aliveProcesses(state).filter(({ service }) => service !== 'database');
  for (const { service, title, process } of orphans) {
    onEvent({ type: 'orphan', service, message: `A ${title} of an earlier start still runs (pid ${process.pid}). Stopping it.` });
    signalProcess(process, 'SIGTERM');
  }
  const begunAt = timers.now();
  let forced = false;
  for (;;) {
    const left = orphans.filter(({ process }) => isAlive(process));
    if (left.length === 0) return;
    const waitedMs = timers.now() - begunAt;
    if (waitedMs > GONE_WITHIN_MS) throw new StackError(`Process ${left[0]?.process.pid} of an earlier start cannot be ended.`);
    if (waitedMs > GRACE_MS && !forced) {
      forced = true;
      for (const { service, title, process } of left) {
        onEvent({
          type: 'killed',
          service,
          message: `The ${title} of an earlier start did not stop in time. Killed it.`,
        });
        signalProcess(process, 'SIGKILL');
      }
    }
    await wait(timers, LOOK_EVERY_MS);
  }
}

export function aliveProcesses(state: StackState) {
  return state.processes.flatMap(({ service, title, process }) =>
    process && isAlive(process) ? [{ service, title, process }] : [],
  );
}
