import { stopOrphanedDatabase } from './database/orphaned-database.ts';
import { aliveProcesses, stopOrphans } from './orphaned-processes.ts';
import { isAlive, signalProcess } from './process-identity.ts';
import { type LoneService, SERVICES } from './process-plan.ts';
import type { StackEvent } from './stack-event.ts';
import { readState, removeState, type StackState } from './state-file.ts';
import { systemTimers, type Timers, wait } from './timers.ts';

/** `crashed`: the supervisor was killed, and its processes may still run. */
export interface FoundStack {
  readonly phase: 'running' | 'crashed';
  readonly state: StackState;
  readonly alive: ReturnType<typeof aliveProcesses>;
}
export type StackStatus = { readonly phase: 'stopped' } | FoundStack;

/** Returns the recorded state of the platform, or of a service that runs alone, compared with the running processes. */
export function inspectStack(dataDirectory: string, only?: LoneService): StackStatus {
  const state = readState(dataDirectory, only);
  if (!state) return { phase: 'stopped' };
  return { phase: isAlive(state.supervisor) ? 'running' : 'crashed', state, alive: aliveProcesses(state) };
}

/** Returns every stack of this data folder that was not stopped: the platform, then services that run alone. */
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
 * Stops every stack of this data folder and waits for its end. A running supervisor drains within its own timeout.
 * Returns whether there was a stack.
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
