import { sleep } from '@prodigon/contracts';
import { isAlive, type ProcessIdentity, signalProcess } from '../process-identity.ts';
import { StackError } from '../stack-error.ts';
import { systemTimers, type Timers } from '../timers.ts';

/** `fast` aborts open transactions and writes a checkpoint; `immediate` is a crash that the next start recovers from. */
export type ShutdownMode = 'fast' | 'immediate';

const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const;
const LOOK_EVERY_MS = 10;
const FAST_WITHIN_MS = 30_000;
/** PostgreSQL kills its processes 5 s after the start of an immediate shutdown. */
const IMMEDIATE_WITHIN_MS = 20_000;

export function signalPostmaster(identity: ProcessIdentity, mode: ShutdownMode): void {
  signalProcess(identity, SIGNALS[mode]);
}

/** Stops the server and resolves when it has ended. A `fast` shutdown that takes too long becomes an immediate one. Throws when that fails too. */
export async function stopPostmaster(
  identity: ProcessIdentity,
  mode: ShutdownMode = 'fast',
  timers: Timers = systemTimers,
): Promise<void> {
  signalPostmaster(identity, mode);
  if (await isGone(identity, mode === 'fast' ? FAST_WITHIN_MS : IMMEDIATE_WITHIN_MS, timers)) return;
  if (mode === 'fast') return stopPostmaster(identity, 'immediate', timers);
  throw new StackError(`The database (pid ${identity.pid}) cannot be ended.`);
}

async function isGone(identity: ProcessIdentity, withinMs: number, timers: Timers): Promise<boolean> {
  const begunAt = timers.now();
  while (isAlive(identity)) {
    if (timers.now() - begunAt > withinMs) return false;
    await sleep(LOOK_EVERY_MS);
  }
  return true;
}
