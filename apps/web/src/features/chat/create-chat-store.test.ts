import { AppError, type GenerateRequestInput, type StreamEvent } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { shownResponse, type Turn } from './conversation.ts';
import { createChatStore } from './create-chat-store.ts';

const START: StreamEvent = { event: 'start', data: { generation_id: 'g', model: 'm', request_id: 'r' } };
const DONE: StreamEvent = {
  event: 'done',
  data: { finish_reason: 'stop', ttft_ms: 1, latency_ms: 2, model: 'm', provider: 'p', attempts: 1 },
};
const token = (data: string): StreamEvent => ({ event: 'token', data });

/** The time limit of a test applies instead. */
const POLL_OPTIONS = { timeout: 60_000 };

/** A chat store whose streams the test controls, one per request. */
function setUp() {
  const requests: { request: GenerateRequestInput; feed: Feed; warn: (warning: string) => void }[] = [];
  let id = 0;
  const store = createChatStore({
    stream: (request, signal, onWarning) => {
      const feed = createFeed(signal);
      requests.push({ request, feed, warn: (warning) => onWarning?.(warning) });
      return feed.events();
    },
    settingsFor: (model) => ({ max_tokens: 7, temperature: 0.1, ...(model !== null && { model }) }),
    now: () => 1,
    createId: () => `turn-${++id}`,
    turns: [],
    draft: '',
  });
  const states = () => store.getState().turns.map(({ response }) => response.state);
  const reaches = (...expected: string[]) => expect.poll(states, POLL_OPTIONS).toEqual(expected);
  return { store, requests, reaches };
}

type Feed = ReturnType<typeof createFeed>;

function createFeed(signal: AbortSignal | undefined) {
  const { readable, writable } = new TransformStream<StreamEvent, StreamEvent>(undefined, undefined, { highWaterMark: 100 });
  const writer = writable.getWriter();
  signal?.addEventListener('abort', () => void writer.abort(signal.reason));
  return {
    async *events() {
      yield* readable;
    },
    push: (...events: StreamEvent[]) => Promise.all(events.map((event) => writer.write(event))),
    end: () => writer.close(),
    fail: (error: Error) => writer.abort(error),
  };
}

describe('createChatStore', () => {
  it('streams a response into the turn', async () => {
    const { store, requests, reaches } = setUp();
    store.getState().send('Hello?', 'some-model');
    await reaches('connecting');
    await requests[0]?.feed.push(START, token('Good '), token('day'));
    await reaches('streaming');
    await requests[0]?.feed.push(DONE);
    await reaches('done');
    expect(store.getState().turns[0]?.response.text).toBe('Good day');
    expect(requests[0]?.request).toMatchObject({ prompt: 'Hello?', model: 'some-model' });
    expect(requests[0]?.request).not.toHaveProperty('messages');
  });

  it('sends no model for the default model', () => {
    const { store, requests } = setUp();
    store.getState().send('Hello?', null);
    expect(requests[0]?.request).not.toHaveProperty('model');
  });

  it('sends the settings with the prompt', () => {
    const { store, requests } = setUp();
    store.getState().send('Hello?', null);
    expect(requests[0]?.request).toEqual({ prompt: 'Hello?', max_tokens: 7, temperature: 0.1 });
  });

  it('keeps the warning of a response', async () => {
    const { store, requests, reaches } = setUp();
    store.getState().send('Hello?', 'old');
    requests[0]?.warn('old is retired; new responds instead.');
    await requests[0]?.feed.push(START, token('Hi'), DONE);
    await reaches('done');
    expect(store.getState().turns[0]?.response.warning).toBe('old is retired; new responds instead.');
  });

  it('sends the earlier turns as messages', async () => {
    const { store, requests, reaches } = setUp();
    store.getState().send('one', null);
    await requests[0]?.feed.push(START, token('first'), DONE);
    await requests[0]?.feed.end();
    await reaches('done');
    store.getState().send('two', null);
    await expect
      .poll(() => requests[1]?.request.messages, POLL_OPTIONS)
      .toEqual([
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 'first' },
      ]);
  });

  it('queues a question while a response is running and sends it afterwards', async () => {
    const { store, requests, reaches } = setUp();
    store.getState().send('one', null);
    store.getState().send('two', null);
    await reaches('connecting', 'queued');
    await requests[0]?.feed.push(START, token('first'), DONE);
    await requests[0]?.feed.end();
    await reaches('done', 'connecting');
    expect(requests[1]?.request.messages).toHaveLength(2);
  });

  it('pauses the queue after a failure until it is resumed', async () => {
    const { store, requests, reaches } = setUp();
    store.getState().send('one', null);
    store.getState().send('two', null);
    await requests[0]?.feed.fail(new AppError('RATE_LIMITED'));
    await reaches('failed', 'queued');
    expect(requests).toHaveLength(1);
    store.getState().resume();
    await reaches('failed', 'connecting');
    expect(requests[1]?.request).not.toHaveProperty('messages');
  });

  it('keeps the text of stopped and interrupted responses', async () => {
    const { store, requests, reaches } = setUp();
    store.getState().send('one', null);
    await requests[0]?.feed.push(START, token('half'));
    await reaches('streaming');
    store.getState().stop();
    await reaches('stopped');
    store.getState().send('two', null);
    await expect.poll(() => requests.length, POLL_OPTIONS).toBe(2);
    await requests[1]?.feed.push(START, token('part'));
    await reaches('stopped', 'streaming');
    await requests[1]?.feed.fail(new TypeError('network error'));
    await reaches('stopped', 'interrupted');
    expect(store.getState().turns.map(({ response }) => response.text)).toEqual(['half', 'part']);
  });

  it('keeps the old response until the first token of the new one, and restores it on undo', async () => {
    const { store, requests, reaches } = setUp();
    const turn = () => store.getState().turns[0] as Turn;
    store.getState().send('one', null);
    await requests[0]?.feed.push(START, token('first'), DONE);
    await requests[0]?.feed.end();
    await reaches('done');
    store.getState().regenerate(null);
    await reaches('connecting');
    expect(shownResponse(turn()).text).toBe('first');
    await requests[1]?.feed.push(START, token('second'), DONE);
    await requests[1]?.feed.end();
    await reaches('done');
    expect(shownResponse(turn()).text).toBe('second');
    store.getState().showEarlier('turn-1');
    expect(shownResponse(turn()).text).toBe('first');
    store.getState().showEarlier('turn-1');
    expect(shownResponse(turn()).text).toBe('second');
  });

  it('keeps every response over failed and repeated retries, and sends the shown one', async () => {
    const { store, requests, reaches } = setUp();
    const turn = () => store.getState().turns[0] as Turn;
    store.getState().send('one', null);
    await requests[0]?.feed.push(START, token('half'));
    await reaches('streaming');
    await requests[0]?.feed.fail(new AppError('SERVICE_UNAVAILABLE'));
    await reaches('failed');
    for (const attempt of [1, 2]) {
      store.getState().regenerate(null);
      await expect.poll(() => requests.length, POLL_OPTIONS).toBe(attempt + 1);
      await requests[attempt]?.feed.fail(new AppError('SERVICE_UNAVAILABLE'));
      await reaches('failed');
    }
    expect([shownResponse(turn()).text, turn().earlierResponses.length]).toEqual(['half', 1]);
    store.getState().send('Continue', null);
    await expect
      .poll(() => requests.at(-1)?.request.messages, POLL_OPTIONS)
      .toEqual([
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 'half' },
      ]);
  });

  it('regenerates the last response with another model', async () => {
    const { store, requests, reaches } = setUp();
    store.getState().send('one', 'a');
    await requests[0]?.feed.push(START, token('first'), DONE);
    await requests[0]?.feed.end();
    await reaches('done');
    store.getState().regenerate('b');
    await reaches('connecting');
    expect(store.getState().turns[0]?.response.text).toBe('');
    expect(requests[1]?.request).toMatchObject({ prompt: 'one', model: 'b' });
    expect(requests[1]?.request).not.toHaveProperty('messages');
  });

  it('restores the previous conversation until a new question is sent', async () => {
    const { store, requests, reaches } = setUp();
    store.getState().send('one', null);
    await requests[0]?.feed.push(START, token('half'));
    await reaches('streaming');
    store.getState().startNew();
    expect(store.getState().turns).toEqual([]);
    store.getState().restorePrevious();
    expect(store.getState().turns[0]?.response).toMatchObject({ state: 'stopped', text: 'half' });
    store.getState().startNew();
    store.getState().send('new', null);
    expect(store.getState().previousTurns).toEqual([]);
  });

  it('moves a queued question back to the draft, but not one that was sent', async () => {
    const { store, reaches } = setUp();
    store.getState().send('one', null);
    store.getState().send('two', null);
    await reaches('connecting', 'queued');
    store.getState().removeQueued('turn-2');
    store.getState().removeQueued('turn-1');
    expect(store.getState().turns.map(({ id }) => id)).toEqual(['turn-1']);
    expect(store.getState().draft).toBe('two');
  });

  it('deletes a turn unless its response is running', async () => {
    const { store, requests, reaches } = setUp();
    store.getState().send('one', null);
    await requests[0]?.feed.push(START, token('half'));
    await reaches('streaming');
    store.getState().removeTurn('turn-1');
    expect(store.getState().turns).toHaveLength(1);
    store.getState().stop();
    await reaches('stopped');
    store.getState().removeTurn('turn-1');
    expect(store.getState().turns).toEqual([]);
  });

  it('sends the next queued question after a stop', async () => {
    const { store, requests, reaches } = setUp();
    store.getState().send('one', null);
    store.getState().send('two', null);
    await requests[0]?.feed.push(START, token('half'));
    await reaches('streaming', 'queued');
    store.getState().stop();
    await reaches('stopped', 'connecting');
  });

  it('does not regenerate a running response', async () => {
    const { store, requests, reaches } = setUp();
    store.getState().send('one', null);
    await reaches('connecting');
    store.getState().regenerate(null);
    expect(requests).toHaveLength(1);
  });
});
