import type { ConversationsApi } from '@prodigon/api-client/conversations';
import { AppError } from '@prodigon/contracts';
import {
  type Conversation,
  type ConversationMessage,
  type CreateConversation,
  type CreateTurn,
  sliceParts,
  type TurnEvent,
  type TurnEventData,
} from '@prodigon/contracts/conversations';
import type { StoreApi } from 'zustand';
import {
  type ChatResponse,
  type Failure,
  isRunning,
  newResponse,
  partsContent,
  type ResponseAction,
  reduceResponse,
} from './chat-response.ts';
import type { Draft, DraftState } from './draft-store.ts';
import { type AttachmentLabel, type LiveTurn, NEW_CONVERSATION, type useLiveTurns } from './live-turn.ts';
import type { PendingTurns } from './pending-turns.ts';
import { readEvents } from './read-events.ts';

export interface TurnRunnerDependencies {
  api: Pick<ConversationsApi, 'create' | 'turn' | 'resume' | 'cancel'>;
  live: Pick<typeof useLiveTurns, 'getState' | 'setState'>;
  drafts: Pick<StoreApi<DraftState>, 'getState'>;
  pending: PendingTurns;
  createKey: () => string;
  now: () => number;
  /** Opens a stream as soon as the browser has a connection for it. */
  inSlot: (open: () => AsyncIterable<TurnEvent>, signal: AbortSignal) => AsyncIterable<TurnEvent>;
  /** The conversation to create for a first question. */
  newConversation: (request: CreateTurn) => CreateConversation;
  /** Returns a warning about the model of a turn, or null. */
  warningOf: (turn: LiveTurn, start: TurnEventData<'start'>) => string | null;
  onCreated: (conversation: Conversation) => void;
  onStarted: (turn: LiveTurn, start: TurnEventData<'start'>) => void;
  /** The response of a conversation has ended, or its reader has. Resolves when the conversation has been loaded again. */
  onEnded: (conversationId: string, turn: LiveTurn) => Promise<void>;
}

export interface NewTurn {
  request: CreateTurn;
  attachments?: readonly AttachmentLabel[];
  /** The response that this one replaces or continues. */
  replaced?: ChatResponse | null;
  key?: string;
}

const DETACHED = Symbol('detached');
const STOPPED = Symbol('stopped');

/** Sends turns and reads their responses: at most one in each conversation. The responses continue without this tab. */
export function createTurnRunner(dependencies: TurnRunnerDependencies) {
  const { api, live, drafts, pending, createKey, now, inSlot } = dependencies;
  /** The readers by the key of their turn. */
  const readers = new Map<string, AbortController>();
  /** The positions of responses whose readers were released, by the key of their turn. */
  const positions = new Map<string, number>();
  /** The messages of responses that this tab has not started, as they were when it began to read, by the key of their turn. */
  const attached = new Map<string, ConversationMessage>();
  /** The keys of turns that the user stopped before they started. */
  const stopped = new Set<string>();

  const turnOf = (conversationKey: string): LiveTurn | undefined => live.getState().turns[conversationKey];
  const isBusy = (conversationKey: string) => {
    const turn = turnOf(conversationKey);
    return turn !== undefined && isRunning(turn.response);
  };
  const conversationKeyOf = (key: string) => Object.entries(live.getState().turns).find(([, turn]) => turn.key === key)?.[0];

  function setTurn(conversationKey: string, turn: LiveTurn | undefined): void {
    const { [conversationKey]: _before, ...others } = live.getState().turns;
    live.setState({ turns: turn ? { ...others, [conversationKey]: turn } : others });
  }

  function change(key: string, update: (turn: LiveTurn) => LiveTurn): void {
    const conversationKey = conversationKeyOf(key);
    const turn = conversationKey === undefined ? undefined : turnOf(conversationKey);
    if (conversationKey !== undefined && turn) setTurn(conversationKey, update(turn));
  }
  const dispatch = (key: string, action: ResponseAction) =>
    change(key, (turn) => ({ ...turn, response: reduceResponse(turn.response, action) }));

  function start(conversationKey: string, { request, attachments = [], replaced = null, key = createKey() }: NewTurn): void {
    discard(conversationKey);
    const turn = newTurn({ key, request, attachments, replaced, requestedAt: now() });
    setTurn(conversationKey, turn);
    pending.save({ key, conversationKey, request, attachments, failure: null });
    void run(conversationKey, turn);
  }

  async function run(conversationKey: string, { key, request, attachments }: LiveTurn): Promise<void> {
    const reader = new AbortController();
    readers.set(key, reader);
    const open = async function* () {
      const onConnection = (isOpen: boolean) => change(key, (turn) => ({ ...turn, isReconnecting: !isOpen }));
      const options = { idempotencyKey: key, signal: reader.signal, onConnection };
      if (conversationKey !== NEW_CONVERSATION) return yield* api.turn(conversationKey, request, options);
      const body = dependencies.newConversation(request);
      const conversation = await api.create(body, { idempotencyKey: `${key}-conversation`, signal: reader.signal });
      // From now on, the model is that of the conversation.
      const { model: _model, ...turn } = request;
      change(key, (before) => ({ ...before, request: turn }));
      pending.save({ key, conversationKey: conversation.id, request: turn, attachments, failure: null });
      adopt(key, conversation);
      yield* api.turn(conversation.id, turn, options);
    };
    await read(key, reader, inSlot(open, reader.signal));
  }

  /** Moves what belongs to the new conversation to the one that was created. */
  function adopt(key: string, conversation: Conversation): void {
    const turn = turnOf(NEW_CONVERSATION);
    if (turn?.key !== key) return;
    setTurn(NEW_CONVERSATION, undefined);
    setTurn(conversation.id, turn);
    drafts.getState().move(NEW_CONVERSATION, conversation.id);
    dependencies.onCreated(conversation);
  }

  /** Reads a response that this tab has not started, or has released. */
  function attach(conversationId: string, message: ConversationMessage): void {
    const { generation_id } = message;
    if (generation_id === null || isBusy(conversationId)) return;
    discard(conversationId);
    const turn: LiveTurn = {
      ...{ key: generation_id, request: {}, attachments: [], replaced: null, isReconnecting: false },
      ...{ generationId: generation_id, messageId: message.id, userMessageId: null },
      response: { ...newResponse(Date.parse(message.created_at)), state: 'waiting', model: message.model },
    };
    setTurn(conversationId, turn);
    attached.set(turn.key, message);
    void resume(turn);
  }

  async function resume({ key, generationId }: LiveTurn): Promise<void> {
    if (generationId === null) return;
    const reader = new AbortController();
    readers.set(key, reader);
    const after = positions.get(key);
    const onConnection = (isOpen: boolean) => change(key, (turn) => ({ ...turn, isReconnecting: !isOpen }));
    const open = () => api.resume(generationId, { signal: reader.signal, onConnection, ...(after !== undefined && { after }) });
    await read(key, reader, inSlot(open, reader.signal));
  }

  async function read(key: string, reader: AbortController, events: AsyncIterable<TurnEvent>): Promise<void> {
    try {
      await readEvents(events, {
        dispatch: (action) => dispatch(key, action),
        onPosition: (position) => void positions.set(key, position),
        onStart(started) {
          pending.remove(key);
          const message = attached.get(key);
          const { generation_id, message_id, user_message_id, message_position } = started;
          change(key, (turn) => ({
            ...turn,
            ...{ generationId: generation_id, messageId: message_id, userMessageId: user_message_id, isReconnecting: false },
            response: {
              ...turn.response,
              ...(message && contentBefore(message, message_position)),
              warning: dependencies.warningOf(turn, started),
            },
          }));
          const turn = turnWith(key);
          if (turn) dependencies.onStarted(turn, started);
          if (stopped.delete(key)) void api.cancel(generation_id).catch(() => {});
        },
      });
      dispatch(key, { type: 'interrupted' });
    } catch (thrown) {
      if (reader.signal.reason === DETACHED) return;
      if (reader.signal.reason !== STOPPED) fail(key, thrown);
    } finally {
      if (readers.get(key) === reader) readers.delete(key);
    }
    await end(key);
  }

  const turnWith = (key: string) => Object.values(live.getState().turns).find((turn) => turn.key === key);

  function fail(key: string, thrown: unknown): void {
    const error = AppError.from(thrown);
    const turn = turnWith(key);
    // The server has the response, and its state is loaded again.
    if (turn?.generationId) {
      dispatch(key, { type: 'interrupted' });
      return;
    }
    dispatch(key, { type: 'failed', error });
    const { code, message, retryable } = error;
    const failure: Failure = { code, message, retryable };
    const saved = pending.all().find((each) => each.key === key);
    if (saved) pending.save({ ...saved, failure });
  }

  async function end(key: string): Promise<void> {
    const conversationKey = conversationKeyOf(key);
    const turn = turnWith(key);
    if (conversationKey === undefined || !turn) return;
    positions.delete(key);
    attached.delete(key);
    if (turn.messageId === null) return;
    await dependencies.onEnded(conversationKey, turn);
    const { state } = turn.response;
    if (state === 'done' || state === 'stopped') runNext(conversationKey);
  }

  function runNext(conversationKey: string): void {
    if (isBusy(conversationKey)) return;
    const next = drafts.getState().dequeue(conversationKey);
    if (next)
      start(conversationKey, { key: next.key, attachments: next.attachments, request: questionRequest(next, next.model) });
  }

  /** Forgets the turn of a conversation. A question that has not started returns to the draft. */
  function discard(conversationKey: string): void {
    const turn = turnOf(conversationKey);
    if (!turn || isRunning(turn.response)) return;
    const { content } = turn.request;
    if (turn.messageId === null && turn.response.state === 'failed' && content !== undefined)
      drafts.getState().addToDraft(conversationKey, { text: content, attachments: turn.attachments });
    pending.remove(turn.key);
    setTurn(conversationKey, undefined);
  }

  return {
    start,
    attach,
    discard,
    runNext,
    /** Sends a question, or queues it while a response is running. */
    send(conversationKey: string, draft: Draft, model: string | undefined): void {
      if (isBusy(conversationKey)) drafts.getState().enqueue(conversationKey, { ...draft, key: createKey(), model });
      else start(conversationKey, { attachments: draft.attachments, request: questionRequest(draft, model) });
    },
    /** Sends a turn that was rejected before its start again, with the same key. */
    retry(conversationKey: string, model: string | undefined): void {
      const turn = turnOf(conversationKey);
      if (!turn || turn.messageId !== null || isRunning(turn.response)) return;
      const request = { ...turn.request, ...(model !== undefined && { model }) };
      // Another request needs another key.
      const key = request.model === turn.request.model ? turn.key : createKey();
      pending.remove(turn.key);
      setTurn(conversationKey, undefined);
      start(conversationKey, { key, request, attachments: turn.attachments, replaced: turn.replaced });
    },
    /** Stops a response. Its text until then remains. */
    async stop(conversationKey: string): Promise<void> {
      const turn = turnOf(conversationKey);
      if (!turn || !isRunning(turn.response)) return;
      if (turn.generationId === null) {
        // The gateway may have received the turn, and its start then cancels it.
        stopped.add(turn.key);
        pending.remove(turn.key);
        return dispatch(turn.key, { type: 'stopped' });
      }
      await api.cancel(turn.generationId);
      dispatch(turn.key, { type: 'stopped' });
      readers.get(turn.key)?.abort(STOPPED);
    },
    /** Sends the turns that had not started before a reload. */
    restore(): void {
      for (const { failure, conversationKey, ...saved } of pending.all()) {
        if (turnOf(conversationKey)) continue;
        const turn = newTurn({ ...saved, replaced: null, requestedAt: now() });
        setTurn(conversationKey, failure ? { ...turn, response: { ...turn.response, state: 'failed', failure } } : turn);
        if (!failure) void run(conversationKey, turn);
      }
    },
    /** Ends the readers of responses that have started, without stopping the responses. */
    release(): void {
      for (const [conversationKey, { key, generationId }] of Object.entries(live.getState().turns)) {
        const hasQueue = (drafts.getState().queues[conversationKey]?.length ?? 0) > 0;
        if (generationId === null || hasQueue) continue;
        readers.get(key)?.abort(DETACHED);
        readers.delete(key);
      }
    },
    /** Reads released responses from where their readers ended. */
    reattach(): void {
      for (const turn of Object.values(live.getState().turns))
        if (isRunning(turn.response) && turn.generationId !== null && !readers.has(turn.key)) void resume(turn);
    },
  };
}

export type TurnRunner = ReturnType<typeof createTurnRunner>;

interface NewLiveTurn extends Pick<LiveTurn, 'key' | 'request' | 'attachments' | 'replaced'> {
  requestedAt: number;
}

/** A response that continues begins with the text so far; another one replaces the one before when its text arrives. */
function newTurn({ key, request, attachments, replaced, requestedAt }: NewLiveTurn): LiveTurn {
  const response = newResponse(requestedAt);
  const isContinuation = request.continue !== undefined && replaced !== null;
  return {
    ...{ key, request, attachments, generationId: null, messageId: null, userMessageId: null, isReconnecting: false },
    replaced: isContinuation ? null : replaced,
    response: isContinuation
      ? { ...response, text: replaced.text, reasoning: replaced.reasoning, tools: replaced.tools }
      : response,
  };
}

/** Returns what a message has before a position, where a response that continues it begins. */
function contentBefore(message: ConversationMessage, position: number): Pick<ChatResponse, 'text' | 'reasoning' | 'tools'> {
  const { text, reasoning, tools } = partsContent(sliceParts(message.parts, 0, position));
  return { text, reasoning, tools: position === 0 ? [] : tools };
}

function questionRequest({ text, attachments }: Draft, model: string | undefined): CreateTurn {
  return {
    content: text,
    ...(attachments.length > 0 && { attachment_ids: attachments.map(({ id }) => id) }),
    ...(model !== undefined && { model }),
  };
}
