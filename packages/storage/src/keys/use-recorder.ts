import type { KeyStore } from '@prodigon/ports';

export interface UseRecorder {
  add(keyId: string): void;
  /** Writes the last uses. */
  close(): Promise<void>;
}

const INTERVAL_MS = 60_000;

/**
 * Creates a recorder of when keys were last used. It writes at most once a minute, all keys in one statement, and has a
 * timer only while uses wait for it. A failure to write delays the uses until the next one.
 */
export function createUseRecorder({ store, now }: { store: Pick<KeyStore, 'recordUse'> | null; now: () => number }): UseRecorder {
  const pending = new Map<string, number>();
  let writtenAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  async function write(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    if (!store || pending.size === 0) return;
    writtenAt = now();
    const uses = new Map([...pending].map(([id, at]) => [id, new Date(at)]));
    pending.clear();
    try {
      await store.recordUse(uses);
    } catch {
      for (const [id, at] of uses) if (!pending.has(id)) pending.set(id, at.getTime());
    }
  }

  return {
    add(keyId) {
      pending.set(keyId, now());
      if (timer) return;
      const waitMs = Math.min(INTERVAL_MS, Math.max(0, writtenAt + INTERVAL_MS - now()));
      timer = setTimeout(() => void write(), waitMs).unref();
    },
    close: write,
  };
}
