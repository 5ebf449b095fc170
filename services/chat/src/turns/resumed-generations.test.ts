import { AppError } from '@prodigon/contracts';
import type { TurnEvent } from '@prodigon/contracts/conversations';
import { describe, expect, it, vi } from 'vitest';
import { createMemoryChatStores } from '../memory-chat-stores.test-support.ts';
import { type ChatHarness, eventsOf, nextEvent, readAll, startChat, textOf } from './turns.test-support.ts';

const QUESTION = { content: 'What is backpressure?' };
const CHUNKS = ['A "slow" ', 'reader\n\n', 'data: [DONE]\n\n', 'slows 👩‍🚀 ', '\ud83d', '\ude00 its\u2028writer'];
const TEXT = CHUNKS.join('');

async function ask(chat: ChatHarness) {
  const { id: conversationId } = await chat.createConversation();
  const events = eventsOf(await chat.turn(conversationId, QUESTION));
  const { data: start } = await nextEvent(events, 'start');
  return { conversationId, events, start, generationId: start.generation_id, model: await chat.fake.response(0) };
}

/** Two gateways with one database. */
async function startTwo(clock = { nowMs: 0 }) {
  const stores = createMemoryChatStores({ nowMs: () => clock.nowMs });
  const [first, second] = [await startChat({ stores }), await startChat({ stores })];
  return { first, second, stores, clock };
}

const positionOf = ({ id = '' }: TurnEvent) => Number(id.split(':')[1]);

/** Reads until the text has arrived. */
async function readText(events: AsyncGenerator<TurnEvent>, length: number): Promise<string> {
  let text = '';
  while (text.length < length) text += (await nextEvent(events, 'token')).data;
  return text;
}

describe('a resumed response', () => {
  it('is the whole text without gap or repeat at every position, while it runs and after its end', async () => {
    const chat = await startChat();
    const { events, model, generationId } = await ask(chat);
    model.send(...CHUNKS.slice(0, 3));
    const seen = await readText(events, CHUNKS.slice(0, 3).join('').length);
    const running = await Promise.all(Array.from(seen, (_, position) => chat.resume(generationId, position)));
    for (const chunk of CHUNKS.slice(3)) {
      model.send(chunk);
      await new Promise(setImmediate);
    }
    model.end();
    for (const [position, response] of running.entries())
      expect(TEXT.slice(0, position) + textOf(await readAll(response))).toBe(TEXT);
    await nextEvent(events, 'done');
    for (let position = 0; position <= TEXT.length; position += 1) {
      const resumed = await readAll(await chat.resume(generationId, position));
      expect(TEXT.slice(0, position) + textOf(resumed)).toBe(TEXT);
      expect(resumed.slice(-2).map((event) => [event.event, positionOf(event)])).toEqual([
        ['usage', TEXT.length + 1],
        ['done', TEXT.length + 2],
      ]);
    }
    const afterUsage = await readAll(await chat.resume(generationId, TEXT.length + 1));
    expect(afterUsage.map(({ event }) => event)).toEqual(['done']);
  });

  it('begins with its start when no position is given', async () => {
    const chat = await startChat();
    const { events, start, model, generationId } = await ask(chat);
    const running = await chat.resume(generationId);
    model.send('text');
    model.end();
    const [first] = await readAll(running);
    expect(first?.data).toEqual(start);
    await nextEvent(events, 'done');
    const ended = await readAll(await chat.resume(generationId));
    expect(ended.map(({ event }) => event)).toEqual(['start', 'token', 'usage', 'done']);
    expect(ended[0]?.data).toMatchObject({ message_id: start.message_id, omitted_messages: null });
  });

  it('resumes after Last-Event-ID, and ignores the id of another response', async () => {
    const chat = await startChat();
    const { events, model, generationId } = await ask(chat);
    model.send('0123456789');
    model.end();
    await nextEvent(events, 'done');
    const resume = async (lastEventId: string) =>
      textOf(await readAll(await chat.resume(generationId, 2, { headers: { 'last-event-id': lastEventId } })));
    expect(await resume(`${generationId}:7`)).toBe('789');
    expect(await resume('01a22d94-8cd8-73af-998a-2980e203a6c4:7')).toBe('23456789');
    expect(await resume('x')).toBe('23456789');
  });

  it('serves several readers at their own pace', async () => {
    const chat = await startChat();
    const { events, model, generationId } = await ask(chat);
    const slow = await chat.resume(generationId);
    const large = 'x'.repeat(8 << 20);
    model.send(large);
    model.send('end');
    model.end();
    expect(textOf(await readAll(await chat.resume(generationId)))).toHaveLength(large.length + 3);
    await nextEvent(events, 'done');
    expect(textOf(await readAll(slow))).toHaveLength(large.length + 3);
  });
});

describe('two gateways', () => {
  it('resume and stop a response that the other one receives', async () => {
    const { first, second } = await startTwo();
    const { events, start, model, generationId } = await ask(first);
    model.send('first, ');
    await nextEvent(events, 'token');
    const elsewhere = eventsOf(await second.resume(generationId));
    expect((await nextEvent(elsewhere, 'start')).data).toEqual(start);
    expect((await nextEvent(elsewhere, 'token')).data).toBe('first, ');
    model.send('second');
    expect((await nextEvent(elsewhere, 'token')).data).toBe('second');
    const after = eventsOf(await second.resume(generationId, 7));
    expect((await nextEvent(after, 'token')).data).toBe('second');
    expect(await (await second.cancel(generationId)).json()).toMatchObject({ id: generationId, status: 'stopped' });
    for (const reader of [events, elsewhere, after])
      expect((await nextEvent(reader, 'done')).data).toMatchObject({ finish_reason: 'stopped' });
  });

  it('hide the responses of other owners from each other', async () => {
    const { first, second } = await startTwo();
    const { generationId, model } = await ask(first);
    const bob = { headers: { 'x-owner': 'bob' } };
    for (const response of [await second.resume(generationId, 0, bob), await second.cancel(generationId, bob)])
      expect(response.status).toBe(404);
    expect(model.context.signal.aborted).toBe(false);
    const internal = await fetch(`${first.internalUrl}/internal/v1/generations/${generationId}/stream`);
    expect(internal.status).toBe(401);
  });

  it('serve the stored text of a response whose process has ended, as interrupted', async () => {
    const { first, second, stores, clock } = await startTwo();
    const { conversationId, model, generationId } = await ask(first);
    model.send('first, ');
    await vi.waitFor(async () => expect((await stores.generations.get('ada', generationId)).parts).toHaveLength(1));
    const elsewhere = eventsOf(await second.resume(generationId));
    expect((await nextEvent(elsewhere, 'token')).data).toBe('first, ');
    const stopping = second.cancel(generationId);
    // The process no longer writes, and does not respond.
    stores.generations.write = async () => [];
    vi.spyOn(stores.generations, 'finish').mockImplementation(() => new Promise(() => {}));
    await first.closeServers();
    clock.nowMs += 60_000;
    expect((await nextEvent(elsewhere, 'error')).data).toMatchObject({ code: 'RESPONSE_INTERRUPTED', retryable: true });
    expect(await (await stopping).json()).toMatchObject({ status: 'interrupted' });
    const { messages } = await stores.conversations.get('ada', conversationId, {});
    expect(messages[1]).toMatchObject({ content: 'first, ', status: 'interrupted' });
    const resumed = await readAll(await second.resume(generationId, 3));
    expect(resumed.map(({ event, data }) => [event, typeof data === 'string' || !('code' in data) ? data : data.code])).toEqual([
      ['token', 'st, '],
      ['error', 'RESPONSE_INTERRUPTED'],
    ]);
  });

  it('end a response whose lease expired, although its process continues', async () => {
    const { first, second, stores, clock } = await startTwo();
    const { events, model, generationId } = await ask(first);
    model.send('first');
    await nextEvent(events, 'token');
    const { write } = stores.generations;
    stores.generations.write = async () => {
      throw new AppError('SERVICE_UNAVAILABLE');
    };
    clock.nowMs += 60_000;
    const interrupted = await second.call('GET', `/generations/${generationId}`);
    expect(await interrupted.json()).toMatchObject({ status: 'interrupted' });
    stores.generations.write = write;
    model.send(' second');
    expect((await nextEvent(events, 'error')).data).toMatchObject({ code: 'RESPONSE_INTERRUPTED' });
    expect(model.context.signal.aborted).toBe(true);
  });
});
