import { createDraftStore } from './draft-store.ts';
import { NEW_CONVERSATION } from './live-turn.ts';

/** The drafts and queued questions of this browser. */
export const useDrafts = createDraftStore({
  storage: localStorage,
  schedule: (save, delayMs) => void setTimeout(save, delayMs),
});

addEventListener('pagehide', useDrafts.save);
addEventListener('storage', ({ key }) => {
  if (key === 'prodigon.queues') useDrafts.getState().reloadQueues();
});

// The conversation of a tab, which versions up to 0.2 stored in the tab only.
for (const key of ['prodigon.conversation.1', 'prodigon.draft']) sessionStorage.removeItem(key);

/** Appends a question to the draft of a new conversation, which keeps its text. */
export function startDraft(text: string): void {
  useDrafts.getState().addToDraft(NEW_CONVERSATION, { text, attachments: [] });
}
