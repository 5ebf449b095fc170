import { sleep } from '@prodigon/contracts';
import { isAlive, type ProcessIdentity, signalProcess } from '../process-identity.ts';
import { StackError } from '../stack-error.ts';
import { systemTimers, type Timers } from '../timers.ts';

/** `fast` aborts open transactions and writes a checkpoint. After `immediate`, the next start runs crash recovery. */
export type ShutdownMode = 'fast' | 'immediate';

const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const;
const POLL_INTERVAL_MS = 10;
const FAST_TIMEOUT_MS = 30_000;
/** PostgreSQL kills its processes 5 s after the start of an immediate shutdown. */
const IMMEDIATE_TIMEOUT_MS = 20_000;

export function signalPostmaster(identity: ProcessIdentity, mode: ShutdownMode): void {
  signalProcess(identity, SIGNALS[mode]);
}

/**
 * Stops the server and resolves when it has ended. A `fast` shutdown becomes immediate after 30 s. Throws a `StackError` when
 * the server does not end.
 */
export async function stopPostmaster(
  identity: ProcessIdentity,
  mode: ShutdownMode = 'fast',
  timers: Timers = systemTimers,
): Promise<void> {
  signalPostmaster(identity, mode);
  if (await waitForExit(identity, mode === 'fast' ? FAST_TIMEOUT_MS : IMMEDIATE_TIMEOUT_MS, timers)) return;
  if (mode === 'fast') return stopPostmaster(identity, 'immediate', timers);
  throw new StackError(`The database (pid ${identity.pid}) cannot be stopped.`);
}

/** Returns false when the process still runs after `timeoutMs`. */
async function waitForExit(identity: ProcessIdentity, timeoutMs: number, timers: Timers): Promise<boolean> {
  const startedAt = timers.now();
  while (isAlive(identity)) {
    if (timers.now() - startedAt > timeoutMs) return false;
    await sleep(POLL_INTERVAL_MS);
  }
  return true;
}
