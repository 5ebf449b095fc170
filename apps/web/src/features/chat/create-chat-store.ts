import type { ApiClient } from '@prodigon/api-client';
import { AppError, type GenerateRequestInput, type StreamEvent } from '@prodigon/contracts';
import { create } from 'zustand';
import {
  createTurn,
  isRunning,
  queuedResponse,
  type ResponseAction,
  reduceResponse,
  replaceResponse,
  type Turn,
  undoReplacement,
} from './conversation.ts';
import { historyOf } from './conversation-history.ts';

/** Text is rendered in batches, because tokens arrive faster than users read. */
const COMMIT_INTERVAL_MS = 50;

export interface ChatState {
  turns: readonly Turn[];
  draft: string;
  /** The conversation before `startNew`; empty after the next question. */
  previousTurns: readonly Turn[];
  setDraft: (draft: string) => void;
  /** Appends a question to the draft, which keeps its text. */
  addToDraft: (question: string) => void;
  /** Sends a question, or queues it while a response is running. */
  send: (prompt: string, model: string | null) => void;
  stop: () => void;
  /** Repeats the last question. The new response replaces the old one when its first token arrives. */
  regenerate: (model: string | null) => void;
  /** Shows the response that the latest one of this turn replaced. */
  showEarlier: (id: string) => void;
  /** Sends the queued questions after a failure paused the queue. */
  resume: () => void;
  /** Moves a queued question back to the draft. */
  removeQueued: (id: string) => void;
  /** Deletes a question and its responses. Does nothing while the response is running. */
  removeTurn: (id: string) => void;
  startNew: () => void;
  restorePrevious: () => void;
}

export interface ChatStoreOptions {
  stream: ApiClient['stream'];
  /** The settings of a request to this model, or to the default model for null. Called for every request. */
  settingsFor: (model: string | null) => Omit<GenerateRequestInput, 'prompt' | 'messages'>;
  now: () => number;
  createId: () => string;
  turns: readonly Turn[];
  draft: string;
}

/** Creates the store of one conversation. At most one response runs at a time. */
export function createChatStore({ stream, settingsFor, now, createId, turns, draft }: ChatStoreOptions) {
  /** Stops the running response when it is aborted. */
  let running: AbortController | undefined;

  return create<ChatState>()((set, get) => {
    const update = (id: string, action: ResponseAction) =>
      set((state) => ({
        turns: state.turns.map((turn) => (turn.id === id ? { ...turn, response: reduceResponse(turn.response, action) } : turn)),
      }));

    async function run(turn: Turn): Promise<void> {
      const controller = new AbortController();
      running = controller;
      const { turns } = get();
      const index = turns.findIndex(({ id }) => id === turn.id);
      const question = { prompt: turn.prompt, ...settingsFor(turn.model) };
      const { messages, omittedTurns } = historyOf(turns.slice(0, index), question);
      update(turn.id, { type: 'requested', at: now(), omittedTurns });
      const request = { ...question, ...(messages.length > 0 && { messages }) };
      const dispatch = (action: ResponseAction) => update(turn.id, action);
      const onWarning = (warning: string) => dispatch({ type: 'warned', warning });
      await readStream(stream(request, controller.signal, onWarning), controller.signal, dispatch);
      if (running !== controller) return;
      running = undefined;
      const { state } = get().turns.find(({ id }) => id === turn.id)?.response ?? queuedResponse;
      if (state === 'done' || state === 'stopped') runNext();
    }

    function runNext(): void {
      const next = get().turns.find(({ response }) => response.state === 'queued');
      if (next && !running) void run(next);
    }

    return {
      turns,
      draft,
      previousTurns: [],
      setDraft: (draft) => set({ draft }),
      addToDraft: (question) => set(({ draft }) => ({ draft: draft.trim() === '' ? question : `${draft}\n\n${question}` })),
      send(prompt, model) {
        const turn = createTurn(createId(), prompt, model);
        set((state) => ({ turns: [...state.turns, turn], previousTurns: [] }));
        runNext();
      },
      stop: () => running?.abort(),
      regenerate(model) {
        const last = get().turns.findLast(({ response }) => response.state !== 'queued');
        if (!last || isRunning(last.response)) return;
        const turn = replaceResponse(last, model);
        set((state) => ({ turns: state.turns.map((each) => (each.id === last.id ? turn : each)) }));
        void run(turn);
      },
      showEarlier: (id) =>
        set((state) => ({ turns: state.turns.map((turn) => (turn.id === id ? undoReplacement(turn) : turn)) })),
      resume: runNext,
      removeQueued(id) {
        const removed = get().turns.find((turn) => turn.id === id && turn.response.state === 'queued');
        if (!removed) return;
        set(({ turns }) => ({ turns: turns.filter((turn) => turn !== removed) }));
        get().addToDraft(removed.prompt);
      },
      removeTurn: (id) => set(({ turns }) => ({ turns: turns.filter((turn) => turn.id !== id || isRunning(turn.response)) })),
      startNew() {
        running?.abort();
        running = undefined;
        set((state) => ({
          turns: [],
          previousTurns: state.turns.map((turn) => ({ ...turn, response: reduceResponse(turn.response, { type: 'stopped' }) })),
        }));
      },
      restorePrevious: () => set((state) => ({ turns: state.previousTurns, previousTurns: [] })),
    };
  });
}

/** Dispatches the events of a stream as actions, text in batches. Resolves when the stream has ended; never rejects. */
async function readStream(
  stream: AsyncIterable<StreamEvent>,
  signal: AbortSignal,
  dispatch: (action: ResponseAction) => void,
): Promise<void> {
  const pending = { text: '', reasoning: '' };
  let timer: ReturnType<typeof setTimeout> | undefined;

  const commit = () => {
    clearTimeout(timer);
    timer = undefined;
    for (const type of ['reasoning', 'text'] as const) {
      if (pending[type]) dispatch({ type, text: pending[type] });
      pending[type] = '';
    }
  };
  const append = (type: 'text' | 'reasoning', text: string) => {
    pending[type] += text;
    timer ??= setTimeout(commit, COMMIT_INTERVAL_MS);
  };

  try {
    for await (const event of stream) {
      if (event.event === 'token') append('text', event.data);
      else if (event.event === 'reasoning') append('reasoning', event.data);
      else {
        commit();
        dispatch({ type: 'event', event });
      }
    }
    commit();
    dispatch({ type: 'ended' });
  } catch (thrown) {
    commit();
    if (signal.aborted) dispatch({ type: 'stopped' });
    else if (thrown instanceof AppError) dispatch({ type: 'failed', error: thrown });
    else dispatch({ type: 'ended' });
  }
}
