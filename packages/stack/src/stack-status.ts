import { stopOrphanedDatabase } from './database/orphaned-database.ts';
import { aliveProcesses, stopOrphans } from './orphaned-processes.ts';
import { isAlive, signalProcess } from './process-identity.ts';
import { type LoneService, SERVICES } from './process-plan.ts';
import type { StackEvent } from './stack-event.ts';
import { readState, removeState, type StackState } from './state-file.ts';
import { systemTimers, type Timers, wait } from './timers.ts';

/** `crashed`: the supervisor is gone without having said goodbye, and its processes may still run. */
export interface FoundStack {
  readonly phase: 'running' | 'crashed';
  readonly state: StackState;
  readonly alive: ReturnType<typeof aliveProcesses>;
}
export type StackStatus = { readonly phase: 'stopped' } | FoundStack;

/** What the state file of the platform, or of a service that runs alone, says, checked against the processes that there are. */
export function inspectStack(dataDirectory: string, only?: LoneService): StackStatus {
  const state = readState(dataDirectory, only);
  if (!state) return { phase: 'stopped' };
  return { phase: isAlive(state.supervisor) ? 'running' : 'crashed', state, alive: aliveProcesses(state) };
}

/** Everything of this data folder that was started and not stopped: the platform first, then services that run alone. */
export function findStacks(dataDirectory: string): FoundStack[] {
  const all = [undefined, ...SERVICES].map((only) => inspectStack(dataDirectory, only));
  return all.filter((status) => status.phase !== 'stopped');
}

export interface StopOptions {
  readonly dataDirectory: string;
  readonly onEvent: (event: StackEvent) => void;
  readonly timers?: Timers;
}

/**
 * Stops what other processes have started in this data folder, and waits until it is gone: a supervisor drains and
 * ends by itself within its own bounds. Returns whether there was anything.
 */
export async function stopRunningStack({ dataDirectory, onEvent, timers = systemTimers }: StopOptions): Promise<boolean> {
  const found = findStacks(dataDirectory);
  for (const { phase, state } of found) {
    if (phase === 'running') {
      signalProcess(state.supervisor, 'SIGTERM');
      while (isAlive(state.supervisor)) await wait(timers, 25);
    } else {
      await stopOrphans(state, timers, onEvent);
      removeState(dataDirectory, state.only);
    }
  }
  return (await stopOrphanedDatabase(dataDirectory, onEvent)) || found.length > 0;
}
