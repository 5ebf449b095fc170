import { AppError } from '@prodigon/contracts';
import type { KeyDirectory } from '@prodigon/ports';

/** Milliseconds between two checks of the keys of open responses. */
const INTERVAL_MS = 5_000;

/** The calls whose responses are open. */
export interface OpenCalls {
  /** Aborts the call when the value of its key becomes invalid. Returns a function that forgets the call. */
  track(keyValue: string, call: AbortController): () => void;
}

/**
 * Ends open responses of keys that were revoked or have expired, and of values that a rotation has ended. It checks them
 * after each change of the directory, and every five seconds while such responses are open. Without the database, open
 * responses continue.
 */
export function createOpenCalls(directory: Pick<KeyDirectory, 'authenticate' | 'subscribe'>): OpenCalls {
  const calls = new Map<AbortController, string>();
  let timer: NodeJS.Timeout | undefined;

  function abortCallsOf(value: string): void {
    for (const [call, callValue] of calls)
      if (callValue === value) call.abort(new AppError('UNAUTHENTICATED', 'The API key was revoked or has expired.'));
  }

  async function checkValue(value: string): Promise<void> {
    try {
      if ((await directory.authenticate(value)) === null) abortCallsOf(value);
    } catch {
      // The database does not respond.
    }
  }

  function check(): void {
    for (const value of new Set(calls.values())) void checkValue(value);
  }

  directory.subscribe(check);
  return {
    track(keyValue, call) {
      calls.set(call, keyValue);
      timer ??= setInterval(() => {
        if (calls.size > 0) return check();
        clearInterval(timer);
        timer = undefined;
      }, INTERVAL_MS).unref();
      return () => void calls.delete(call);
    },
  };
}
