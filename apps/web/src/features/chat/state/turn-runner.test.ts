import type { ConversationsApi, ResumeOptions, TurnOptions } from '@prodigon/api-client/conversations';
import { AppError } from '@prodigon/contracts';
import type { CreateTurn, TurnEvent } from '@prodigon/contracts/conversations';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { create } from 'zustand';
import { createDraftStore } from './draft-store.ts';
import type { LiveTurn } from './live-turn.ts';
import { createPendingTurns } from './pending-turns.ts';
import { createConversation, createMessage, createStorage } from './state.test-support.ts';
import { createTurnRunner } from './turn-runner.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const settle = () => vi.advanceTimersByTimeAsync(60);
const conversation = createConversation({ id: 'c1' });

/** A stream whose events the test sends. */
interface Stream {
  readonly conversationId?: string;
  readonly turn?: CreateTurn;
  readonly options: TurnOptions & ResumeOptions;
  send: (...events: TurnEvent[]) => Promise<void>;
  end: (thrown?: unknown) => Promise<void>;
}

function createStreams() {
  const streams: Stream[] = [];
  const open = (described: Pick<Stream, 'conversationId' | 'turn' | 'options'>): AsyncGenerator<TurnEvent> => {
    const ready: (TurnEvent | { thrown: unknown } | undefined)[] = [];
    let wake = () => {};
    described.options.signal?.addEventListener('abort', () => wake());
    streams.push({
      ...described,
      async send(...events) {
        ready.push(...events);
        wake();
        await settle();
      },
      async end(thrown) {
        ready.push(thrown === undefined ? undefined : { thrown });
        wake();
        await settle();
      },
    });
    return (async function* () {
      for (;;) {
        described.options.signal?.throwIfAborted();
        while (ready.length > 0) {
          const next = ready.shift();
          if (!next) return;
          if ('thrown' in next) throw next.thrown;
          yield next;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    })();
  };
  return { streams, open, at: (index: number) => streams.at(index) as Stream };
}

const startEvent = (messageId: string, changes: object = {}): TurnEvent => ({
  event: 'start',
  id: `g-${messageId}:0`,
  data: {
    ...{ generation_id: `g-${messageId}`, model: 'm', request_id: 'r', conversation, user_message_id: `q-${messageId}` },
    ...{ message_id: messageId, is_continuation: false, message_position: 0, omitted_messages: 0 },
    ...changes,
  },
});
const token = (text: string, position: number): TurnEvent => ({ event: 'token', data: text, id: `g:${position}` });
const done = (finish_reason = 'stop'): TurnEvent => ({
  event: 'done',
  data: { finish_reason, ttft_ms: 1, latency_ms: 2, model: 'm', provider: 'p', attempts: 1 },
});

function setUp(storage = createStorage(), pendingStorage = createStorage()) {
  const { streams, open, at } = createStreams();
  const live = create<{ turns: Record<string, LiveTurn> }>()(() => ({ turns: {} }));
  const drafts = createDraftStore({ storage, schedule: () => {} });
  const cancelled: string[] = [];
  const created = vi.fn<ConversationsApi['create']>(async () => conversation);
  const onCreated = vi.fn();
  const onEnded = vi.fn(async () => {});
  let keys = 0;
  const runner = createTurnRunner({
    api: {
      create: created,
      turn: (conversationId, turn, options = {}) => open({ conversationId, turn, options }),
      resume: (_generationId, options = {}) => open({ options }),
      cancel: async (generationId) => {
        cancelled.push(generationId);
        return {} as never;
      },
    },
    live,
    drafts,
    pending: createPendingTurns(pendingStorage),
    createKey: () => `key-${++keys}`,
    now: () => 0,
    inSlot: (start) => start(),
    newConversation: () => ({}),
    warningOf: () => null,
    onCreated,
    onStarted: () => {},
    onEnded,
  });
  const turn = (key = 'c1') => live.getState().turns[key] as LiveTurn;
  return { runner, streams, at, live, drafts, cancelled, created, onCreated, onEnded, turn, pendingStorage, storage };
}

const question = (text: string) => ({ text, attachments: [] });

describe('a first question', () => {
  it('creates the conversation, which then has the turn, its draft and its queue', async () => {
    const { runner, at, created, onCreated, turn, live, drafts } = setUp();
    runner.send('new', question('Hello?'), 'model-a');
    drafts.getState().setText('new', 'next thought');
    await settle();
    expect(created.mock.calls[0]?.[1]).toMatchObject({ idempotencyKey: 'key-1-conversation' });
    expect(onCreated).toHaveBeenCalledWith(conversation);
    expect(at(0)).toMatchObject({ conversationId: 'c1', turn: { content: 'Hello?' }, options: { idempotencyKey: 'key-1' } });
    expect(at(0).turn).not.toHaveProperty('model');
    expect(live.getState().turns.new).toBeUndefined();
    expect(drafts.getState().drafts.c1?.text).toBe('next thought');
    await at(0).send(startEvent('r1'), token('Hi', 2), done());
    expect(turn().response).toMatchObject({ state: 'done', text: 'Hi' });
  });

  it('fails with the error of the gateway, and can be sent again', async () => {
    const { runner, at, created, turn } = setUp();
    created.mockRejectedValueOnce(new AppError('SERVICE_UNAVAILABLE', 'Conversations cannot be stored.'));
    runner.send('new', question('Hello?'), undefined);
    await settle();
    expect(turn('new').response).toMatchObject({ state: 'failed', failure: { code: 'SERVICE_UNAVAILABLE' } });
    runner.retry('new', undefined);
    await settle();
    expect(created.mock.calls[1]?.[1]).toMatchObject({ idempotencyKey: 'key-1-conversation' });
    expect(at(0).turn?.content).toBe('Hello?');
  });
});

describe('a turn', () => {
  it('is sent again with the same key after a reload before its start, and not after it', async () => {
    const { runner, at, pendingStorage } = setUp();
    runner.send('c1', question('Hello?'), undefined);
    await settle();
    const reloaded = setUp(createStorage(), createStorage(Object.fromEntries(pendingStorage.values)));
    reloaded.runner.restore();
    await settle();
    expect(reloaded.at(0)).toMatchObject({ turn: { content: 'Hello?' }, options: { idempotencyKey: 'key-1' } });

    await at(0).send(startEvent('r1'));
    const later = setUp(createStorage(), createStorage(Object.fromEntries(pendingStorage.values)));
    later.runner.restore();
    await settle();
    expect(later.streams).toEqual([]);
  });

  it('stays failed after a reload when the gateway has rejected it', async () => {
    const { runner, at, pendingStorage } = setUp();
    runner.send('c1', question('Hello?'), undefined);
    await settle();
    await at(0).end(new AppError('UNKNOWN_MODEL', 'There is no such model.'));
    const reloaded = setUp(createStorage(), createStorage(Object.fromEntries(pendingStorage.values)));
    reloaded.runner.restore();
    await settle();
    expect(reloaded.streams).toEqual([]);
    expect(reloaded.turn().response).toMatchObject({ state: 'failed', failure: { code: 'UNKNOWN_MODEL' } });
  });

  it('returns to the draft when it is discarded before its start', async () => {
    const { runner, at, drafts, live } = setUp();
    runner.send('c1', question('Hello?'), undefined);
    await settle();
    await at(0).end(new AppError('UNKNOWN_MODEL', 'There is no such model.'));
    runner.discard('c1');
    expect(drafts.getState().drafts.c1?.text).toBe('Hello?');
    expect(live.getState().turns).toEqual({});
  });

  it('becomes interrupted when its stream ends early, and loads the state of the server', async () => {
    const { runner, at, turn, onEnded } = setUp();
    runner.send('c1', question('Hello?'), undefined);
    await settle();
    await at(0).send(startEvent('r1'), token('Hi', 2));
    await at(0).end(new AppError('NOT_RESUMABLE', 'Deleted.'));
    expect(turn().response).toMatchObject({ state: 'interrupted', text: 'Hi' });
    expect(onEnded).toHaveBeenCalledTimes(1);
  });

  it('continues after the text that a response has', async () => {
    const { runner, at, turn } = setUp();
    runner.send('c1', question('Hello?'), undefined);
    await settle();
    await at(0).send(startEvent('r1'), token('One ', 4), done('length'));
    runner.start('c1', { request: { continue: 'r1' }, replaced: turn().response });
    await settle();
    await at(1).send(startEvent('r1', { is_continuation: true, message_position: 4, user_message_id: null }), token('two', 3));
    expect(turn().response.text).toBe('One two');
  });
});

describe('stopping', () => {
  it('cancels the generation and keeps its text', async () => {
    const { runner, at, turn, cancelled } = setUp();
    runner.send('c1', question('Hello?'), undefined);
    await settle();
    await at(0).send(startEvent('r1'), token('Hi', 2));
    await runner.stop('c1');
    expect(cancelled).toEqual(['g-r1']);
    expect(turn().response).toMatchObject({ state: 'stopped', text: 'Hi' });
  });

  it('cancels a generation that starts after the user has stopped it', async () => {
    const { runner, at, turn, cancelled } = setUp();
    runner.send('c1', question('Hello?'), undefined);
    await settle();
    await runner.stop('c1');
    expect(turn().response.state).toBe('stopped');
    await at(0).send(startEvent('r1'));
    expect(cancelled).toEqual(['g-r1']);
  });

  it('shows as stopped what another tab has stopped', async () => {
    const { runner, at, turn } = setUp();
    runner.send('c1', question('Hello?'), undefined);
    await settle();
    await at(0).send(startEvent('r1'), token('Hi', 2), done('stopped'));
    expect(turn().response.state).toBe('stopped');
  });
});

describe('the queue', () => {
  it('sends the next question when a response is complete or stopped, with its own key', async () => {
    const { runner, at, streams } = setUp();
    for (const text of ['one', 'two', 'three']) runner.send('c1', question(text), undefined);
    await settle();
    expect(streams).toHaveLength(1);
    await at(0).send(startEvent('r1'), done());
    await at(0).end();
    expect(at(-1)).toMatchObject({ turn: { content: 'two' }, options: { idempotencyKey: 'key-2' } });
    await at(1).send(startEvent('r2'), token('x', 1));
    await runner.stop('c1');
    await settle();
    expect(at(-1).turn?.content).toBe('three');
  });

  it('waits after a failure until the user sends it', async () => {
    const { runner, at, streams } = setUp();
    for (const text of ['one', 'two']) runner.send('c1', question(text), undefined);
    await settle();
    await at(0).send(startEvent('r1'), {
      event: 'error',
      data: { code: 'INFERENCE_ERROR', message: 'Failed.', retryable: true },
    });
    await at(0).end();
    expect(streams).toHaveLength(1);
    runner.runNext('c1');
    await settle();
    expect(at(-1).turn?.content).toBe('two');
  });
});

describe('a response that another tab has requested', () => {
  const streaming = createMessage('r1', { status: 'streaming', generation_id: 'g-r1', content: 'One' });

  it('is read from its beginning, once', async () => {
    const { runner, at, streams, turn } = setUp();
    runner.attach('c1', streaming);
    runner.attach('c1', streaming);
    await settle();
    expect(streams).toHaveLength(1);
    expect(at(0).options).not.toHaveProperty('after');
    await at(0).send(startEvent('r1'), token('One two', 7));
    expect(turn().response).toMatchObject({ state: 'streaming', text: 'One two' });
  });

  const continuing = createMessage('r1', {
    ...{ status: 'streaming', generation_id: 'g-r1', content: 'One two th' },
    parts: [
      { type: 'reasoning', text: 'Hm. ' },
      { type: 'text', text: 'One two th' },
    ],
  });
  const continuation = { is_continuation: true, message_position: 8, user_message_id: null };

  it('continues after the stored text before it, not after what of it has been stored', async () => {
    const { runner, at, turn } = setUp();
    runner.attach('c1', continuing);
    await settle();
    await at(0).send(startEvent('r1', continuation), token('two three', 9));
    expect(turn().response).toMatchObject({ reasoning: 'Hm. ', text: 'One two three' });
  });

  it('continues after the stored text when the tab was hidden before it began', async () => {
    const { runner, at, turn } = setUp();
    runner.attach('c1', continuing);
    await settle();
    runner.release();
    runner.reattach();
    await settle();
    await at(1).send(startEvent('r1', continuation), token('two three', 9));
    expect(turn().response).toMatchObject({ reasoning: 'Hm. ', text: 'One two three' });
  });

  it('is released while the tab is hidden, and resumed at its position', async () => {
    const { runner, at, turn } = setUp();
    runner.attach('c1', streaming);
    await settle();
    await at(0).send(startEvent('r1'), token('One ', 4));
    runner.release();
    await settle();
    expect(at(0).options.signal?.aborted).toBe(true);
    expect(turn().response.state).toBe('streaming');
    runner.reattach();
    await settle();
    expect(at(1).options.after).toBe(4);
    await at(1).send(token('two', 7), done());
    expect(turn().response).toMatchObject({ state: 'done', text: 'One two' });
  });
});
