import type { ApiClient } from '@prodigon/api-client';
import type { GenerateRequestInput } from '@prodigon/contracts';
import { create } from 'zustand';
import { type AnswerAction, isRunning, queuedAnswer, reduceAnswer } from './answer.ts';
import { historyOf, type Turn } from './conversation.ts';
import { runAnswer } from './run-answer.ts';

export interface ChatState {
  turns: readonly Turn[];
  draft: string;
  /** What "New conversation" put aside, until something new is asked. */
  putAside: readonly Turn[];
  setDraft: (draft: string) => void;
  /** Asks, or queues the question behind the answer that is running. */
  send: (prompt: string, model: string | null) => void;
  stop: () => void;
  /** Asks the last question again; its answer so far is replaced. */
  regenerate: (model: string | null) => void;
  /** Asks what is queued, after a failure held it back. */
  resume: () => void;
  removeQueued: (id: string) => void;
  startNew: () => void;
  bringBack: () => void;
}

export interface ChatStoreOptions {
  stream: ApiClient['stream'];
  /** What goes with every question, asked when it is sent: the model for those that name none, limits, a system prompt. */
  settingsFor: (model: string | null) => Omit<GenerateRequestInput, 'prompt' | 'messages'>;
  now: () => number;
  createId: () => string;
  turns: readonly Turn[];
  draft: string;
}

export function createChatStore({ stream, settingsFor, now, createId, turns, draft }: ChatStoreOptions) {
  /** Of the answer that is running; aborting it is how to stop. */
  let running: AbortController | undefined;

  return create<ChatState>()((set, get) => {
    const update = (id: string, action: AnswerAction) =>
      set((state) => ({
        turns: state.turns.map((turn) => (turn.id === id ? { ...turn, answer: reduceAnswer(turn.answer, action) } : turn)),
      }));

    async function run(turn: Turn): Promise<void> {
      const controller = new AbortController();
      running = controller;
      const { turns } = get();
      const history = historyOf(
        turns.slice(
          0,
          turns.findIndex(({ id }) => id === turn.id),
        ),
      );
      update(turn.id, { type: 'requested', at: now() });
      const request = {
        prompt: turn.prompt,
        ...settingsFor(turn.model),
        ...(history.length > 0 && { messages: history }),
      };
      const dispatch = (action: AnswerAction) => update(turn.id, action);
      const onWarning = (warning: string) => dispatch({ type: 'warned', warning });
      await runAnswer({ stream: stream(request, controller.signal, onWarning), signal: controller.signal, dispatch });
      if (running !== controller) return;
      running = undefined;
      const { state } = get().turns.find(({ id }) => id === turn.id)?.answer ?? queuedAnswer;
      if (state === 'done' || state === 'stopped') runNext();
    }

    function runNext(): void {
      const next = get().turns.find(({ answer }) => answer.state === 'queued');
      if (next && !running) void run(next);
    }

    return {
      turns,
      draft,
      putAside: [],
      setDraft: (draft) => set({ draft }),
      send(prompt, model) {
        const turn: Turn = { id: createId(), prompt, model, answer: queuedAnswer };
        set((state) => ({ turns: [...state.turns, turn], putAside: [] }));
        runNext();
      },
      stop: () => running?.abort(),
      regenerate(model) {
        const last = get().turns.findLast(({ answer }) => answer.state !== 'queued');
        if (!last || isRunning(last.answer)) return;
        const again = { ...last, model };
        set((state) => ({ turns: state.turns.map((turn) => (turn.id === last.id ? again : turn)) }));
        void run(again);
      },
      resume: runNext,
      removeQueued: (id) =>
        set((state) => ({ turns: state.turns.filter((turn) => turn.id !== id || turn.answer.state !== 'queued') })),
      startNew() {
        running?.abort();
        running = undefined;
        set((state) => ({
          turns: [],
          putAside: state.turns.map((turn) => ({ ...turn, answer: reduceAnswer(turn.answer, { type: 'stopped' }) })),
        }));
      },
      bringBack: () => set((state) => ({ turns: state.putAside, putAside: [] })),
    };
  });
}
