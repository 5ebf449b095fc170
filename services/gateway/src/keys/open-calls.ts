import { AppError } from '@prodigon/contracts';
import type { KeyDirectory } from '@prodigon/ports';

/** Milliseconds between two checks of the keys of open responses. */
const INTERVAL_MS = 5_000;

/** The calls whose responses are open. */
export interface OpenCalls {
  /** Aborts the call when its key becomes invalid. Returns a function that forgets the call. */
  track(keyId: string, call: AbortController): () => void;
}

/**
 * Ends open responses of keys that were revoked or have expired. It checks them after each change of the directory, and
 * every five seconds while such responses are open. Without the database, open responses continue.
 */
export function createOpenCalls(directory: Pick<KeyDirectory, 'find' | 'findValid' | 'subscribe'>): OpenCalls {
  const calls = new Map<AbortController, string>();
  let timer: NodeJS.Timeout | undefined;

  function abortInvalid(): void {
    for (const [call, keyId] of calls)
      if (directory.findValid(keyId) === null)
        call.abort(new AppError('UNAUTHENTICATED', 'The API key was revoked or has expired.'));
  }

  async function check(): Promise<void> {
    if (calls.size === 0) {
      clearInterval(timer);
      timer = undefined;
      return;
    }
    try {
      // The directory reads changes only when somebody asks it.
      for (const keyId of new Set(calls.values())) await directory.find(keyId);
    } catch {
      return;
    }
    abortInvalid();
  }

  directory.subscribe(abortInvalid);
  return {
    track(keyId, call) {
      calls.set(call, keyId);
      timer ??= setInterval(() => void check(), INTERVAL_MS).unref();
      return () => void calls.delete(call);
    },
  };
}
