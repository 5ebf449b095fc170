import type { Conversation } from '@prodigon/contracts/conversations';
import { create } from 'zustand';

interface UnreadState {
  /** Conversations whose response was running when they were last seen in the list. */
  readonly running: readonly string[];
  /** Conversations with a response that ended while they were not open. */
  readonly unread: readonly string[];
}

const STORAGE_KEY = 'prodigon.unread';
const IDS_MAX = 200;

/** Creates the store of conversations with an unread response. It survives a reload. */
export function createUnread(storage: Pick<Storage, 'getItem' | 'setItem'>) {
  const store = create<UnreadState>()(() => restore(storage));
  const save = (state: UnreadState) => {
    store.setState(state);
    try {
      storage.setItem(STORAGE_KEY, JSON.stringify(state));
    } catch {
      // Storage is blocked: the marks last until the next reload.
    }
  };
  return Object.assign(store, {
    /** Compares a list with what was seen before. `openId` is the conversation that the page shows. */
    update(conversations: readonly Pick<Conversation, 'id' | 'generating'>[], openId: string | undefined): void {
      const { running, unread } = store.getState();
      const listed = new Map(conversations.map(({ id, generating }) => [id, generating]));
      const ended = running.filter((id) => listed.get(id) === false);
      const nextRunning = [
        ...running.filter((id) => !listed.has(id)),
        ...conversations.flatMap(({ id, generating }) => (generating ? [id] : [])),
      ].slice(-IDS_MAX);
      const nextUnread = [...new Set([...unread, ...ended])].filter((id) => id !== openId).slice(-IDS_MAX);
      if (nextRunning.join() !== running.join() || nextUnread.join() !== unread.join())
        save({ running: nextRunning, unread: nextUnread });
    },
  });
}

function restore(storage: Pick<Storage, 'getItem'>): UnreadState {
  try {
    const { running, unread } = JSON.parse(storage.getItem(STORAGE_KEY) ?? '') as UnreadState;
    return { running: [...running], unread: [...unread] };
  } catch {
    return { running: [], unread: [] };
  }
}
