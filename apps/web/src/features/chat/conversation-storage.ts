import type { StoreApi } from 'zustand';
import { type Answer, isRunning, queuedAnswer, reduceAnswer } from './answer.ts';
import type { Turn } from './conversation.ts';
import type { ChatState } from './create-chat-store.ts';

const CONVERSATION_KEY = 'prodigon.conversation.1';
const DRAFT_KEY = 'prodigon.draft';
/** While an answer streams; what has settled, and what is there when the page goes, is kept at once. */
const KEPT_EVERY_MS = 2_000;

type Kept = Pick<ChatState, 'turns' | 'draft'>;

/**
 * What the tab held before it was reloaded. An answer that was being written then was interrupted by it; one that an
 * older version of this page kept has nothing of what it did not know.
 */
export function restoreConversation(storage: Storage): Kept {
  const draft = storage.getItem(DRAFT_KEY) ?? '';
  try {
    const turns = JSON.parse(storage.getItem(CONVERSATION_KEY) ?? '[]') as Turn[];
    return { draft, turns: turns.map((turn) => ({ ...turn, answer: restoreAnswer(turn.answer) })) };
  } catch {
    return { draft, turns: [] };
  }
}

function restoreAnswer(kept: Partial<Answer>): Answer {
  return reduceAnswer({ ...queuedAnswer, ...kept }, { type: 'ended' });
}

/** Writes the conversation to the storage from now on. */
export function keepConversation(store: StoreApi<ChatState>, storage: Storage): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const keep = () => {
    clearTimeout(timer);
    timer = undefined;
    writeTurns(storage, store.getState().turns);
  };
  store.subscribe(({ turns, draft }, before) => {
    if (draft !== before.draft) tryWrite(storage, DRAFT_KEY, draft);
    if (turns === before.turns) return;
    if (turns.some(({ answer }) => isRunning(answer))) timer ??= setTimeout(keep, KEPT_EVERY_MS);
    else keep();
  });
  addEventListener('pagehide', keep);
}

/** All turns, or as many of the newest as the storage has room for. */
function writeTurns(storage: Storage, turns: readonly Turn[]): void {
  let newest = turns;
  while (!tryWrite(storage, CONVERSATION_KEY, JSON.stringify(newest)) && newest.length > 0) {
    newest = newest.slice(Math.ceil(newest.length / 2));
  }
}

/** False when there is no room, or the storage is blocked. */
function tryWrite(storage: Storage, key: string, value: string): boolean {
  try {
    storage.setItem(key, value);
    return true;
  } catch {
    return false;
  }
}
