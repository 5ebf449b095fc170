import { create } from 'zustand';
import type { AttachmentLabel } from './live-turn.ts';

/** What the user has typed in the composer of one conversation. */
export interface Draft {
  readonly text: string;
  readonly attachments: readonly AttachmentLabel[];
}

/** A question that waits until the response before it has ended. */
export interface QueuedQuestion extends Draft {
  /** The idempotency key of its turn. */
  readonly key: string;
  /** The model for this question; undefined for that of the conversation. */
  readonly model?: string | undefined;
}

export interface DraftState {
  readonly drafts: Readonly<Record<string, Draft>>;
  readonly queues: Readonly<Record<string, readonly QueuedQuestion[]>>;
  setText: (conversationKey: string, text: string) => void;
  setAttachments: (conversationKey: string, change: (before: readonly AttachmentLabel[]) => readonly AttachmentLabel[]) => void;
  /** Appends text and attachments to the draft, which keeps its own. */
  addToDraft: (conversationKey: string, draft: Draft) => void;
  clear: (conversationKey: string) => void;
  enqueue: (conversationKey: string, question: QueuedQuestion) => void;
  /** Removes and returns a queued question: the one with this key, or the first. */
  dequeue: (conversationKey: string, key?: string) => QueuedQuestion | undefined;
  /** Gives what belongs to the new conversation to the one that was created. */
  move: (from: string, to: string) => void;
  /** Reads the queues that another tab has saved. */
  reloadQueues: () => void;
}

const DRAFTS_KEY = 'prodigon.drafts';
const QUEUES_KEY = 'prodigon.queues';
/** Conversations whose drafts are kept, those that changed last. */
const DRAFTS_MAX = 50;
/** Delay between a keystroke and saving the draft. Long drafts take longer to save. */
const SAVE_DELAY_MS = 300;

export const EMPTY_DRAFT: Draft = { text: '', attachments: [] };
const isEmpty = ({ text, attachments }: Draft) => text === '' && attachments.length === 0;

interface DraftStoreOptions {
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  schedule: (save: () => void, delayMs: number) => void;
}

/** Creates the store of drafts and queued questions, which survive a reload. The latest 50 drafts are kept. */
export function createDraftStore({ storage, schedule }: DraftStoreOptions) {
  /** Conversations whose drafts have changed since they were saved. Those of other tabs stay as they are. */
  const changed = new Set<string>();
  const store = create<DraftState>()((set, get) => {
    const change = (conversationKey: string, update: (before: Draft) => Draft) => {
      const { [conversationKey]: before = EMPTY_DRAFT, ...others } = get().drafts;
      const draft = update(before);
      // The conversation that changed last is the last entry.
      set({ drafts: isEmpty(draft) ? others : { ...others, [conversationKey]: draft } });
      if (changed.size === 0) schedule(save, SAVE_DELAY_MS);
      changed.add(conversationKey);
    };
    const setQueues = (queues: DraftState['queues']) => {
      set({ queues });
      write(storage, QUEUES_KEY, queues);
    };
    const changeQueue = (conversationKey: string, queue: readonly QueuedQuestion[]) => {
      const { [conversationKey]: _before, ...others } = get().queues;
      setQueues(queue.length === 0 ? others : { ...others, [conversationKey]: queue });
    };
    return {
      drafts: read<Draft>(storage, DRAFTS_KEY),
      queues: read<readonly QueuedQuestion[]>(storage, QUEUES_KEY),
      setText: (conversationKey, text) => change(conversationKey, (before) => ({ ...before, text })),
      setAttachments: (conversationKey, update) =>
        change(conversationKey, (before) => ({ ...before, attachments: update(before.attachments) })),
      addToDraft: (conversationKey, { text, attachments }) =>
        change(conversationKey, (before) => ({
          text: before.text.trim() === '' ? text : `${before.text}\n\n${text}`,
          attachments: [...before.attachments, ...attachments],
        })),
      clear: (conversationKey) => change(conversationKey, () => EMPTY_DRAFT),
      enqueue: (conversationKey, question) => changeQueue(conversationKey, [...(get().queues[conversationKey] ?? []), question]),
      dequeue(conversationKey, key) {
        const queue = get().queues[conversationKey] ?? [];
        const question = key === undefined ? queue[0] : queue.find((each) => each.key === key);
        if (question)
          changeQueue(
            conversationKey,
            queue.filter((each) => each !== question),
          );
        return question;
      },
      move(from, to) {
        const { [from]: draft, ...drafts } = get().drafts;
        const { [from]: queue, ...queues } = get().queues;
        set({ drafts: draft ? { ...drafts, [to]: draft } : drafts });
        setQueues(queue ? { ...queues, [to]: queue } : queues);
        for (const key of [from, to]) changed.add(key);
        save();
      },
      reloadQueues: () => set({ queues: read(storage, QUEUES_KEY) }),
    };
  });
  function save(): void {
    if (changed.size === 0) return;
    const { drafts } = store.getState();
    const others = Object.entries(read<Draft>(storage, DRAFTS_KEY)).filter(([key]) => !changed.has(key));
    const own = Object.entries(drafts).filter(([key]) => changed.has(key));
    changed.clear();
    let entries = [...others, ...own].slice(-DRAFTS_MAX);
    // The oldest drafts make room for the others.
    while (!write(storage, DRAFTS_KEY, Object.fromEntries(entries)) && entries.length > 0)
      entries = entries.slice(Math.ceil(entries.length / 2));
  }
  return Object.assign(store, { save });
}

function read<Value>(storage: Pick<Storage, 'getItem'>, key: string): Record<string, Value> {
  try {
    const saved: unknown = JSON.parse(storage.getItem(key) ?? '{}');
    return saved !== null && typeof saved === 'object' ? (saved as Record<string, Value>) : {};
  } catch {
    return {};
  }
}

/** Returns false if the storage is full or blocked. */
function write(storage: Pick<Storage, 'setItem'>, key: string, value: unknown): boolean {
  try {
    storage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}
