import type { StackEvent } from './events.ts';
import { aliveProcesses, stopOrphans } from './orphans.ts';
import { isAlive, signalProcess } from './process-identity.ts';
import { readState, removeState, type StackState } from './state-file.ts';
import { systemTimers, type Timers, wait } from './timers.ts';

/** `crashed`: the supervisor is gone without having said goodbye, and its processes may still run. */
export type StackStatus =
  | { readonly phase: 'stopped' }
  | { readonly phase: 'running' | 'crashed'; readonly state: StackState; readonly alive: ReturnType<typeof aliveProcesses> };

/** What the state file says, checked against the processes that there are. */
export function inspectStack(dataDirectory: string): StackStatus {
  const state = readState(dataDirectory);
  if (!state) return { phase: 'stopped' };
  return { phase: isAlive(state.supervisor) ? 'running' : 'crashed', state, alive: aliveProcesses(state) };
}

export interface StopOptions {
  readonly dataDirectory: string;
  readonly onEvent: (event: StackEvent) => void;
  readonly timers?: Timers;
}

/**
 * Stops a stack that another process started, and waits until it is gone: its supervisor drains and
 * ends by itself within its own bounds. Returns what was found.
 */
export async function stopRunningStack({ dataDirectory, onEvent, timers = systemTimers }: StopOptions): Promise<StackStatus> {
  const status = inspectStack(dataDirectory);
  if (status.phase === 'running') {
    signalProcess(status.state.supervisor, 'SIGTERM');
    while (isAlive(status.state.supervisor)) await wait(timers, 25);
  }
  if (status.phase === 'crashed') {
    await stopOrphans(status.state, timers, onEvent);
    removeState(dataDirectory);
  }
  return status;
}
