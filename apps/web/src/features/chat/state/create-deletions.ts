import { create } from 'zustand';

/** A conversation that is hidden, and deleted unless the user undoes it in time. */
export interface Deletion {
  readonly conversationId: string;
  readonly title: string;
  /** Deletes it now. */
  readonly send: () => void;
}

export interface DeletionState {
  /** The latest last. */
  readonly deletions: readonly Deletion[];
}

interface DeletionDependencies {
  /** Sends the request. `isUnloading` when the page may not be there for the response. */
  remove: (conversationId: string, isUnloading: boolean) => Promise<void>;
  onFailure: (thrown: unknown) => void;
  setTimer: (callback: () => void, delayMs: number) => unknown;
  clearTimer: (timer: never) => void;
}

/** How long a deletion can be undone. Not counted while the pointer or the focus is on the toast. */
const UNDO_MS = 8_000;

/** Deletes conversations after a delay in which the user can undo it, or immediately when the page is hidden. */
export function createDeletions({ remove, onFailure, setTimer, clearTimer }: DeletionDependencies) {
  const store = create<DeletionState>()(() => ({ deletions: [] }));
  let timer: unknown;
  const stopTimer = () => {
    if (timer !== undefined) clearTimer(timer as never);
    timer = undefined;
  };
  const startTimer = () => {
    stopTimer();
    if (store.getState().deletions.length > 0) timer = setTimer(() => flush(false), UNDO_MS);
  };
  const take = (conversationId: string) =>
    store.setState(({ deletions }) => ({ deletions: deletions.filter((each) => each.conversationId !== conversationId) }));
  async function send(conversationId: string, isUnloading: boolean): Promise<void> {
    if (!store.getState().deletions.some((each) => each.conversationId === conversationId)) return;
    try {
      // Hidden until the server has deleted it.
      await remove(conversationId, isUnloading);
    } catch (thrown) {
      onFailure(thrown);
    }
    take(conversationId);
  }
  function flush(isUnloading: boolean): void {
    stopTimer();
    for (const { conversationId } of store.getState().deletions) void send(conversationId, isUnloading);
  }
  return {
    store,
    flush,
    schedule(conversationId: string, title: string): void {
      const deletion = { conversationId, title, send: () => void send(conversationId, false) };
      store.setState(({ deletions }) => ({ deletions: [...deletions, deletion] }));
      startTimer();
    },
    undo(): void {
      const latest = store.getState().deletions.at(-1);
      if (latest) take(latest.conversationId);
      startTimer();
    },
    pause: (isPaused: boolean): void => (isPaused ? stopTimer() : startTimer()),
  };
}
