import { stopOrphanedDatabase } from './database/orphaned-database.ts';
import { aliveProcesses, stopOrphans } from './orphaned-processes.ts';
import { isAlive, signalProcess } from './process-identity.ts';
import { SERVICES, type StandaloneService } from './process-plan.ts';
import type { StackEvent } from './stack-event.ts';
import { readState, removeState, type StackState } from './state-file.ts';
import { systemTimers, type Timers, wait } from './timers.ts';

const POLL_INTERVAL_MS = 25;

/** `crashed`: the supervisor died, and its processes may still run. */
export interface FoundStack {
  readonly phase: 'running' | 'crashed';
  readonly state: StackState;
  readonly alive: ReturnType<typeof aliveProcesses>;
}
export type StackStatus = { readonly phase: 'stopped' } | FoundStack;

/** Returns the state of the platform or of a standalone service: its record, checked against the running processes. */
export function inspectStack(dataDirectory: string, only?: StandaloneService): StackStatus {
  const state = readState(dataDirectory, only);
  if (!state) return { phase: 'stopped' };
  return { phase: isAlive(state.supervisor) ? 'running' : 'crashed', state, alive: aliveProcesses(state) };
}

/** Returns every running or crashed stack of this data folder: the platform, then standalone services. */
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
 * Stops every stack of this data folder and waits until it has ended. A running supervisor drains within its own timeout.
 * Returns whether a stack existed.
 */
export async function stopRunningStack({ dataDirectory, onEvent, timers = systemTimers }: StopOptions): Promise<boolean> {
  const found = findStacks(dataDirectory);
  for (const { phase, state } of found) {
    if (phase === 'running') {
      signalProcess(state.supervisor, 'SIGTERM');
      while (isAlive(state.supervisor)) await wait(timers, POLL_INTERVAL_MS);
    } else {
      await stopOrphans(state, timers, onEvent);
      removeState(dataDirectory, state.only);
    }
  }
  return (await stopOrphanedDatabase(dataDirectory, onEvent)) || found.length > 0;
}
