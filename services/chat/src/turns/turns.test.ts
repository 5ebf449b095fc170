import { AppError } from '@prodigon/contracts';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { eventsOf, MODEL, nextEvent, readAll, startChat, textOf } from './turns.test-support.ts';

const QUESTION = { content: 'What is backpressure?' };

/** Starts a turn, and returns its events and what its model does. */
async function ask(options: Parameters<typeof startChat>[0] = {}) {
  const chat = await startChat(options);
  const { id: conversationId } = await chat.createConversation();
  const response = await chat.turn(conversationId, QUESTION);
  const events = eventsOf(response);
  const { data: start } = await nextEvent(events, 'start');
  const model = await chat.fake.response(0);
  const messages = async () => (await chat.stores.conversations.get('ada', conversationId, {})).messages;
  const lastMessage = async () => (await messages()).at(-1);
  return { ...chat, conversationId, response, events, start, model, messages, lastMessage };
}

describe('a turn', () => {
  it('stores the question, streams the response with its position, and stores it before the stream ends', async () => {
    const { createConversation, turn, fake, stores } = await startChat();
    const { id } = await createConversation();
    const asking = turn(id, QUESTION);
    const model = await fake.response(0);
    model.send('A slow ', 'reader');
    model.end();
    const response = await asking;
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const events = await readAll(response);
    const { messages } = await stores.conversations.get('ada', id, {});
    const generationId = messages[1]?.generation_id;
    expect(events.map(({ event, id }) => [event, id])).toEqual([
      ['start', `${generationId}:0`],
      ['token', `${generationId}:13`],
      ['usage', `${generationId}:14`],
      ['done', `${generationId}:15`],
    ]);
    expect(events[0]?.data).toMatchObject({
      generation_id: generationId,
      model: 'fake',
      user_message_id: messages[0]?.id,
      message_id: messages[1]?.id,
      is_continuation: false,
      omitted_messages: 0,
      conversation: { id, title: 'What is backpressure?', generating: true },
    });
    expect(events.at(-1)?.data).toEqual({
      finish_reason: 'stop',
      ttft_ms: 1,
      latency_ms: 2,
      model: 'fake',
      provider: 'faker',
      attempts: 1,
    });
    expect(messages).toMatchObject([
      { role: 'user', content: 'What is backpressure?', status: 'done' },
      { role: 'assistant', content: 'A slow reader', status: 'done', cost_usd: 0.5, provider: 'faker', finish_reason: 'stop' },
    ]);
  });

  it('continues and is stored when its client disconnects', async () => {
    const chat = await startChat();
    const { id } = await chat.createConversation();
    const disconnecting = new AbortController();
    await chat.turn(id, QUESTION, { signal: disconnecting.signal });
    const model = await chat.fake.response(0);
    model.send('first, ');
    disconnecting.abort();
    await vi.waitFor(() => expect(chat.lines.join('')).toContain('"status":499'));
    expect([model.context.signal.aborted, chat.admitted.active]).toEqual([false, 1]);
    model.send('second');
    model.end();
    await vi.waitFor(() => expect(chat.admitted).toMatchObject({ active: 0, ended: 1 }));
    const { messages } = await chat.stores.conversations.get('ada', id, {});
    expect(messages[1]).toMatchObject({ content: 'first, second', status: 'done' });
  });

  it('stores the text that has arrived while it runs', async () => {
    const { model, start, stores } = await ask();
    model.send('first');
    const stored = async () => (await stores.generations.get('ada', start.generation_id)).parts;
    await vi.waitFor(async () => expect(await stored()).toEqual([{ type: 'text', text: 'first' }]));
    model.send(' second');
    await vi.waitFor(async () => expect(JSON.stringify(await stored())).toContain('second'));
    model.end();
  });

  it('fails with an ordinary error before it starts', async () => {
    const chat = await startChat({
      models: {
        async resolve(model) {
          if (model === 'unknown') throw new AppError('UNKNOWN_MODEL');
          return MODEL;
        },
      },
    });
    const { id } = await chat.createConversation();
    const codeOf = async (response: Response) => [response.status, (await response.json()).error.code];
    expect(await codeOf(await chat.turn(id, { ...QUESTION, model: 'unknown' }))).toEqual([422, 'UNKNOWN_MODEL']);
    expect(await codeOf(await chat.turn(id, {}))).toEqual([422, 'VALIDATION_ERROR']);
    for (const missing of ['01a22d94-8cd8-73af-998a-2980e203a6c4', 'no-uuid'])
      expect(await codeOf(await chat.turn(missing, QUESTION))).toEqual([404, 'CONVERSATION_NOT_FOUND']);
    expect(await codeOf(await chat.turn(id, QUESTION, { headers: { 'x-owner': 'bob' } }))).toEqual([
      404,
      'CONVERSATION_NOT_FOUND',
    ]);
    vi.spyOn(chat.stores.generations, 'start').mockRejectedValue(new AppError('SERVICE_UNAVAILABLE'));
    expect(await codeOf(await chat.turn(id, QUESTION))).toEqual([503, 'SERVICE_UNAVAILABLE']);
    chat.admitted.refusal = new AppError('RATE_LIMITED');
    expect(await codeOf(await chat.turn(id, QUESTION))).toEqual([429, 'RATE_LIMITED']);
    expect(chat.admitted.active).toBe(0);
    expect((await chat.stores.conversations.get('ada', id, {})).messages).toEqual([]);
  });

  it('streams the same response again when its key repeats', async () => {
    const { turn, conversationId, fake } = await ask();
    const key = { headers: { 'idempotency-key': 'key-1' } };
    const first = eventsOf(await turn(conversationId, { content: 'Hi', parent_id: null }, key));
    const { data: start } = await nextEvent(first, 'start');
    const model = await fake.response(1);
    model.send('the response');
    const second = await turn(conversationId, { content: 'Hi', parent_id: null }, key);
    expect([second.status, second.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
    model.end();
    const repeated = await readAll(second);
    expect([repeated[0]?.data, textOf(repeated)]).toEqual([start, 'the response']);
    expect(textOf(await readAll(await turn(conversationId, { content: 'Hi', parent_id: null }, key)))).toBe('the response');
    expect((await turn(conversationId, { content: 'Other', parent_id: null }, key)).status).toBe(422);
    expect(fake.responses).toHaveLength(2);
  });

  it('ends with an error when the model fails, and keeps the text', async () => {
    const { model, events, lastMessage } = await ask();
    model.send('partial');
    model.fail(new AppError('INFERENCE_ERROR'));
    const { data } = await nextEvent(events, 'error');
    expect(data).toMatchObject({ code: 'INFERENCE_ERROR', retryable: true });
    expect(await lastMessage()).toMatchObject({ content: 'partial', status: 'interrupted', error: { code: 'INFERENCE_ERROR' } });
  });

  it('fails when the model does not respond', async () => {
    const chat = await startChat();
    chat.fake.refuse(new AppError('CIRCUIT_OPEN', undefined, { attempts: 3 }));
    const { id } = await chat.createConversation();
    const events = await readAll(await chat.turn(id, QUESTION));
    expect(events.map(({ event }) => event)).toEqual(['start', 'error']);
    const { messages } = await chat.stores.conversations.get('ada', id, {});
    expect(messages[1]).toMatchObject({ status: 'failed', error: { code: 'CIRCUIT_OPEN' } });
  });

  it('continues a response in its message', async () => {
    const { model, cancel, start, turn, conversationId, fake, messages } = await ask();
    model.send('The first half');
    await vi.waitFor(() => expect(fake.responses).toHaveLength(1));
    await cancel(start.generation_id);
    const events = eventsOf(await turn(conversationId, { continue: start.message_id }));
    const continued = await nextEvent(events, 'start');
    expect(continued.data).toMatchObject({
      is_continuation: true,
      message_position: 14,
      message_id: start.message_id,
      user_message_id: null,
    });
    const second = await fake.response(1);
    expect(second.request.messages.slice(0, 2)).toEqual([
      { role: 'user', content: QUESTION.content },
      { role: 'assistant', content: 'The first half' },
    ]);
    expect(second.request.messages.at(-1)).toMatchObject({ role: 'user', content: expect.stringContaining('Continue') });
    second.send(' and the second');
    second.end();
    const token = await nextEvent(events, 'token');
    expect(token).toMatchObject({ id: `${continued.data.generation_id}:15`, data: ' and the second' });
    await nextEvent(events, 'done');
    expect((await messages()).map(({ content, status }) => [content, status])).toEqual([
      [QUESTION.content, 'done'],
      ['The first half and the second', 'done'],
    ]);
  });

  it('gets a title by the model after the first response only', async () => {
    const { model, events, conversationId, stores, turn, fake } = await ask();
    const suggestTitle = vi.spyOn(stores.conversations, 'suggestTitle');
    model.send('text');
    model.end();
    await nextEvent(events, 'done');
    await vi.waitFor(() => expect(suggestTitle.mock.calls).toEqual([['ada', conversationId, 'A title by the model', 'model']]));
    const second = turn(conversationId, QUESTION);
    (await fake.response(1)).end();
    await readAll(await second);
    expect(suggestTitle).toHaveBeenCalledTimes(1);
  });

  it('logs no text, and counts running responses', async () => {
    const { model, events, lines, metrics } = await ask();
    const running = async () => (await metrics.runningGenerations.get()).values[0]?.value;
    expect(await running()).toBe(1);
    model.send('canary of a response');
    model.end();
    await nextEvent(events, 'done');
    await vi.waitFor(async () => expect(await running()).toBe(0));
    expect(lines.join('')).toContain('"Response done"');
    expect(lines.join('')).not.toMatch(/canary|backpressure/);
  });
});

describe('stopping a response', () => {
  it('keeps its text, ends the stream and cancels the model, any number of times', async () => {
    const { model, events, start, cancel, lastMessage } = await ask();
    model.send('partial');
    await nextEvent(events, 'token');
    const stopped = await Promise.all([cancel(start.generation_id), cancel(start.generation_id)]);
    for (const response of stopped) {
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ id: start.generation_id, status: 'stopped' });
    }
    expect((await nextEvent(events, 'done')).data).toMatchObject({ finish_reason: 'stopped' });
    expect(model.context.signal.aborted).toBe(true);
    expect(await (await cancel(start.generation_id)).json()).toMatchObject({ status: 'stopped' });
    expect(await lastMessage()).toMatchObject({ content: 'partial', status: 'stopped', error: null });
  });

  it('works before the first token', async () => {
    const { events, start, cancel } = await ask();
    await cancel(start.generation_id);
    expect((await nextEvent(events, 'done')).data).toMatchObject({ finish_reason: 'stopped' });
  });

  it('does not change a response that has ended', async () => {
    const { model, events, start, cancel, lastMessage } = await ask();
    model.send('whole');
    model.end();
    await nextEvent(events, 'done');
    expect(await (await cancel(start.generation_id)).json()).toMatchObject({ status: 'done' });
    expect(await lastMessage()).toMatchObject({ content: 'whole', status: 'done' });
  });
});

describe('foreign and missing responses', () => {
  it('get the same errors', async () => {
    const { start, call, model } = await ask();
    const missing = '01a22d94-8cd8-73af-998a-2980e203a6c4';
    const bob = { headers: { 'x-owner': 'bob' } };
    const routes = [
      ['GET', ''],
      ['GET', '/stream'],
      ['POST', '/cancel'],
    ] as const;
    for (const [method, suffix] of routes)
      for (const id of [start.generation_id, missing, 'no-uuid']) {
        const response = await call(method, `/generations/${id}${suffix}`, bob);
        expect([response.status, (await response.json()).error.code]).toEqual([404, 'NOT_FOUND']);
      }
    expect(model.context.signal.aborted).toBe(false);
  });

  it('are gone with their message', async () => {
    const { start, model, events, resume, stores, conversationId } = await ask();
    model.end();
    await nextEvent(events, 'done');
    await stores.conversations.removeMessage('ada', conversationId, start.message_id);
    const response = await resume(start.generation_id, 0);
    expect([response.status, (await response.json()).error.code]).toEqual([410, 'NOT_RESUMABLE']);
  });
});

describe('a process that stops', () => {
  it('lets responses finish', async () => {
    const { lifecycle, model, events, turn, conversationId } = await ask();
    const drained = lifecycle.drain();
    const rejected = await turn(conversationId, QUESTION);
    expect([rejected.status, (await rejected.json()).error.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    model.send('whole');
    model.end();
    await nextEvent(events, 'done');
    await drained;
  });

  it('interrupts responses after the grace period, and stores their text', async () => {
    const { lifecycle, model, events, lastMessage } = await ask({ drainTimeoutMs: 1 });
    model.send('partial');
    await nextEvent(events, 'token');
    await lifecycle.drain();
    expect(await lastMessage()).toMatchObject({ content: 'partial', status: 'interrupted', error: null });
    expect((await nextEvent(events, 'error')).data).toMatchObject({ code: 'RESPONSE_INTERRUPTED', retryable: true });
  });
});

describe('the end of a response', () => {
  it('is stored, and reaches its readers, after the service has closed', async () => {
    const { model, events, lastMessage, close } = await ask();
    model.send('text');
    await nextEvent(events, 'token');
    await close();
    model.end();
    await nextEvent(events, 'done');
    expect(await lastMessage()).toMatchObject({ content: 'text', status: 'done' });
  });

  it('leaves no timer behind once it is stored', async () => {
    const finishMs = 59_999;
    const [set, clear] = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'clearTimeout')];
    onTestFinished(() => [set, clear].forEach((spy) => void spy.mockRestore()));
    const { model, events } = await ask({ timings: { finishMs } });
    model.end();
    for await (const _ of events);
    const timers = set.mock.results.filter((_, index) => set.mock.calls[index]?.[1] === finishMs).map(({ value }) => value);
    expect(timers).toHaveLength(1);
    await vi.waitFor(() => expect(clear).toHaveBeenCalledWith(timers[0]));
  });
});

describe('a database that does not respond', () => {
  const unavailable = async (): Promise<never> => {
    throw new AppError('SERVICE_UNAVAILABLE');
  };

  it('does not interrupt a response, which is stored afterwards', async () => {
    const { model, events, stores, lastMessage, lines } = await ask();
    const { write, finish } = stores.generations;
    let failures = 0;
    stores.generations.write = async () => {
      failures += 1;
      return unavailable();
    };
    stores.generations.finish = unavailable;
    model.send('first');
    await nextEvent(events, 'token');
    await vi.waitFor(() => expect(failures).toBeGreaterThan(2));
    model.send(' second');
    model.end();
    expect((await nextEvent(events, 'token')).data).toBe(' second');
    const done = nextEvent(events, 'done');
    await vi.waitFor(() => expect(lines.join('')).toContain('The end of a response cannot be stored'));
    Object.assign(stores.generations, { write, finish });
    await done;
    expect(await lastMessage()).toMatchObject({ content: 'first second', status: 'done' });
    expect(lines.filter((line) => line.includes('Running responses cannot be stored'))).toHaveLength(1);
  });

  it('ends the streams with an error when it stays away', async () => {
    const { model, events, stores } = await ask({ timings: { finishMs: 20 } });
    const { finish } = stores.generations;
    stores.generations.finish = unavailable;
    model.end();
    expect((await nextEvent(events, 'error')).data).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    stores.generations.finish = finish;
  });
});
