import type { StoreApi } from 'zustand';
import { type ChatResponse, isRunning, queuedResponse, reduceResponse, type Turn } from './conversation.ts';
import type { ChatState } from './create-chat-store.ts';

const CONVERSATION_KEY = 'prodigon.conversation.1';
const DRAFT_KEY = 'prodigon.draft';
/** Interval while a response streams. Finished responses are saved immediately, and everything on `pagehide`. */
const SAVE_INTERVAL_MS = 2_000;
/** Delay between a keystroke and saving the draft. Long drafts take longer to save. */
const DRAFT_DELAY_MS = 300;

type SavedTurn = Omit<Turn, 'response' | 'earlierResponses'> & {
  earlierResponses?: readonly ChatResponse[];
  response?: Partial<ChatResponse>;
  /** The name of `response` in version 0.1. */
  answer?: Partial<ChatResponse>;
};

/**
 * Reads the conversation and the draft that this tab saved. Responses that were running become
 * interrupted, and fields that an older version did not save get their defaults.
 */
export function restoreConversation(storage: Storage): Pick<ChatState, 'turns' | 'draft'> {
  const draft = storage.getItem(DRAFT_KEY) ?? '';
  try {
    const saved = JSON.parse(storage.getItem(CONVERSATION_KEY) ?? '[]') as SavedTurn[];
    const turns = saved.map(({ answer, response = answer, earlierResponses = [], ...turn }) => ({
      ...turn,
      earlierResponses,
      response: reduceResponse({ ...queuedResponse, ...response }, { type: 'ended' }),
    }));
    return { draft, turns };
  } catch {
    return { draft, turns: [] };
  }
}

/** Saves the conversation and the draft whenever they change. */
export function persistConversation(store: StoreApi<ChatState>, storage: Storage): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let draftTimer: ReturnType<typeof setTimeout> | undefined;
  const save = () => {
    clearTimeout(timer);
    timer = undefined;
    saveTurns(storage, store.getState().turns);
  };
  const saveDraft = () => {
    clearTimeout(draftTimer);
    draftTimer = undefined;
    trySave(storage, DRAFT_KEY, store.getState().draft);
  };
  store.subscribe(({ turns, draft }, before) => {
    if (draft !== before.draft) draftTimer ??= setTimeout(saveDraft, DRAFT_DELAY_MS);
    if (turns === before.turns) return;
    if (turns.some(({ response }) => isRunning(response))) timer ??= setTimeout(save, SAVE_INTERVAL_MS);
    else save();
  });
  addEventListener('pagehide', () => {
    save();
    saveDraft();
  });
}

/** Saves all turns. If the storage is too small, it drops the older half until the rest fits. */
function saveTurns(storage: Storage, turns: readonly Turn[]): void {
  let newest = turns;
  while (!trySave(storage, CONVERSATION_KEY, JSON.stringify(newest)) && newest.length > 0) {
    newest = newest.slice(Math.ceil(newest.length / 2));
  }
}

/** Returns false if the storage is full or blocked. */
function trySave(storage: Storage, key: string, value: string): boolean {
  try {
    storage.setItem(key, value);
    return true;
  } catch {
    return false;
  }
}
