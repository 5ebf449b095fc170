import { randomUUIDv7 } from 'node:crypto';
import { readSseEvents, streamChunks } from '@prodigon/api-client';
import { type TurnEvent, turnEventSchemas } from '@prodigon/contracts/conversations';
import { openChatStorage } from '@prodigon/storage';
import { createTestDatabase, type RunningApp, startApp, startTestPostgres } from '@prodigon/testing';
import { expect, it, onTestFinished } from 'vitest';

const INTERNAL_TOKEN = 'token-of-this-test-0123';
const WAIT = { timeout: 60_000, interval: 50 };
/** Several seconds of text. */
const TOKENS = 400;
const SLOW = `prodigon-sim?ttft_ms=0&tokens_per_s=100&tokens=${TOKENS}&seed=7`;
const FAST = `prodigon-sim?ttft_ms=0&tokens_per_s=100000&tokens=${TOKENS}&seed=7`;
const ENDLESS = 'prodigon-sim?ttft_ms=0&tokens_per_s=50&tokens=100000&seed=7';

/** Starts a model service and gateways with one database. */
async function startGateways(databaseUrl: string, count = 2) {
  const env = { DATABASE_URL: databaseUrl, INTERNAL_TOKEN, USE_MOCK: 'true' };
  const model = await startApp('model', env);
  onTestFinished(() => model.close());
  const gateways = await Promise.all(
    Array.from({ length: count }, async () => {
      const gateway = await startApp('gateway', { ...env, MODEL_SERVICE_URL: model.url });
      onTestFinished(() => gateway.close());
      return gateway;
    }),
  );
  const storage = openChatStorage({ DATABASE_URL: databaseUrl, DATA_DIR: '' });
  onTestFinished(() => storage.close());
  return { gateways: gateways as [RunningApp, ...RunningApp[]], storage };
}

async function startWithDatabase() {
  const { url, drop } = await createTestDatabase();
  onTestFinished(drop);
  const { gateways, storage } = await startGateways(url);
  const [first, second] = gateways as [RunningApp, RunningApp];
  const { id } = await storage.conversations.create('local', {});
  const lastMessage = async () => (await storage.conversations.get('local', id, {})).messages.at(-1);
  return { first, second, storage, conversationId: id, lastMessage };
}

const eventsOf = (response: Response): AsyncGenerator<TurnEvent> =>
  readSseEvents(turnEventSchemas, streamChunks(response.body as ReadableStream<Uint8Array>));

function ask({ url }: RunningApp, conversationId: string, model: string, headers: Record<string, string> = {}) {
  return fetch(`${url}/api/v1/chat/sessions/${conversationId}/turns`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ content: 'What is backpressure?', model, parent_id: null }),
  });
}

const call = ({ url }: RunningApp, path: string, method = 'GET') => fetch(`${url}/api/v1/generations/${path}`, { method });

async function readStart(response: Response) {
  expect(response.status).toBe(200);
  const events = eventsOf(response);
  const { value } = await events.next();
  if (value?.event !== 'start') throw new Error('The stream has no start.');
  return { events, start: value.data };
}

/** Reads events until one is `last`, or the text has `length` code units. Returns the text, the position and the last event. */
async function read(events: AsyncGenerator<TurnEvent>, length = Number.POSITIVE_INFINITY) {
  let text = '';
  let last: TurnEvent | undefined;
  while (text.length < length) {
    const { value, done } = await events.next();
    if (done) break;
    last = value;
    if (value.event === 'token') text += value.data;
  }
  return { text, last, position: Number(last?.id?.split(':')[1]) };
}

it('resumes a response on another gateway at any position, and after its end on both', async () => {
  const { first, second, conversationId, lastMessage } = await startWithDatabase();
  const { events, start } = await readStart(await ask(first, conversationId, SLOW));
  const { text, position } = await read(events, 100);
  await events.return(undefined);
  const resumed = await read(eventsOf(await call(second, `${start.generation_id}/stream?after=${position}`)));
  const whole = text + resumed.text;
  expect(resumed.last?.event).toBe('done');
  expect(await lastMessage()).toMatchObject({ content: whole, status: 'done' });
  for (const gateway of [first, second])
    for (const after of [0, 1, position, whole.length - 1, whole.length])
      expect((await read(eventsOf(await call(gateway, `${start.generation_id}/stream?after=${after}`)))).text).toBe(
        whole.slice(after),
      );
  const [other] = await Promise.all([read((await readStart(await ask(second, conversationId, FAST))).events)]);
  expect(other?.text).toBe(whole);
});

it('stops a response on another gateway', async () => {
  const { first, second, conversationId, lastMessage } = await startWithDatabase();
  const { events, start } = await readStart(await ask(first, conversationId, ENDLESS));
  await read(events, 20);
  const elsewhere = eventsOf(await call(second, `${start.generation_id}/stream`));
  await read(elsewhere, 20);
  const stopped = await call(second, `${start.generation_id}/cancel`, 'POST');
  expect([stopped.status, (await stopped.json()).status]).toEqual([200, 'stopped']);
  for (const reader of [events, elsewhere]) expect((await read(reader)).last).toMatchObject({ event: 'done' });
  expect(await lastMessage()).toMatchObject({ status: 'stopped' });
});

it('streams one response to two requests with the same key on two gateways', async () => {
  const { first, second, conversationId, storage } = await startWithDatabase();
  const key = { 'idempotency-key': randomUUIDv7() };
  const askWithKey = async (gateway: typeof first): Promise<Response> => {
    const response = await ask(gateway, conversationId, SLOW, key);
    // The other request is being stored.
    return response.status === 409 ? askWithKey(gateway) : response;
  };
  const [one, two] = await Promise.all([askWithKey(first), askWithKey(second)]);
  const [left, right] = [await readStart(one), await readStart(two)];
  expect(left.start.generation_id).toBe(right.start.generation_id);
  const [leftText, rightText] = await Promise.all([read(left.events), read(right.events)]);
  expect(leftText.text).toBe(rightText.text);
  expect((await storage.conversations.get('local', conversationId, {})).messages).toHaveLength(2);
});

it('keeps the text of a response whose gateway is killed, and ends it as interrupted', async () => {
  const { first, second, conversationId, lastMessage, storage } = await startWithDatabase();
  const { events, start } = await readStart(await ask(first, conversationId, ENDLESS));
  await read(events, 200);
  await expect.poll(async () => (await (await call(second, start.generation_id)).json()).status, WAIT).toBe('streaming');
  const elsewhere = eventsOf(await call(second, `${start.generation_id}/stream`));
  const { text: before } = await read(elsewhere, 100);
  const storedLength = async () => JSON.stringify((await storage.generations.get('local', start.generation_id)).parts).length;
  await expect.poll(storedLength, WAIT).toBeGreaterThan(100);
  first.kill('SIGKILL');
  const { text: rest, last } = await read(elsewhere);
  expect(last).toMatchObject({ event: 'error', data: { code: 'RESPONSE_INTERRUPTED', retryable: true } });
  const message = await lastMessage();
  expect(message).toMatchObject({ status: 'interrupted' });
  expect(message?.content.length).toBeGreaterThan(50);
  const stored = await read(eventsOf(await call(second, `${start.generation_id}/stream`)));
  expect(stored.text).toBe(message?.content);
  // A reader has seen all that is stored, and at most what arrived since the last write.
  expect((before + rest).startsWith(stored.text)).toBe(true);
  const continued = await fetch(`${second.url}/api/v1/chat/sessions/${conversationId}/turns`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ continue: start.message_id, model: FAST }),
  });
  const { start: continuation, events: more } = await readStart(continued);
  expect(continuation).toMatchObject({ is_continuation: true, message_id: start.message_id });
  const { text: continuedText } = await read(more);
  expect(await lastMessage()).toMatchObject({ status: 'done', content: `${message?.content}${continuedText}` });
});

it('lets a response finish while its gateway stops', async () => {
  const { first, second, conversationId, lastMessage } = await startWithDatabase();
  const { events, start } = await readStart(await ask(first, conversationId, SLOW));
  const { text } = await read(events, 50);
  first.kill('SIGTERM');
  await expect.poll(() => first.output(), WAIT).toContain('draining');
  const resumed = await read(eventsOf(await call(second, `${start.generation_id}/stream?after=${text.length}`)));
  expect(resumed.last?.event).toBe('done');
  expect(await lastMessage()).toMatchObject({ content: text + resumed.text, status: 'done' });
  expect(await first.exited).toEqual({ code: 0, signal: null });
});

it('continues a response while the database restarts, and stores it afterwards', async () => {
  const server = await startTestPostgres();
  onTestFinished(() => server.close());
  const { gateways, storage } = await startGateways(server.url, 1);
  const { id } = await storage.conversations.create('local', {});
  const { events } = await readStart(await ask(gateways[0], id, SLOW));
  const { text } = await read(events, 200);
  await server.stop('immediate');
  const { text: during } = await read(events, 200);
  await server.restart();
  const { text: rest, last } = await read(events);
  expect(last?.event).toBe('done');
  const content = async () => (await storage.conversations.get('local', id, {}).catch(() => null))?.messages.at(-1);
  await expect.poll(content, WAIT).toMatchObject({ content: text + during + rest, status: 'done' });
  const repeated = await readStart(await ask(gateways[0], id, FAST));
  expect((await read(repeated.events)).text).toBe(text + during + rest);
});

it('answers 503 to turns without a database', async () => {
  const model = await startApp('model', { INTERNAL_TOKEN, USE_MOCK: 'true', DATABASE_URL: '' });
  onTestFinished(() => model.close());
  const gateway = await startApp('gateway', { INTERNAL_TOKEN, DATABASE_URL: '', MODEL_SERVICE_URL: model.url });
  onTestFinished(() => gateway.close());
  const response = await ask(gateway, randomUUIDv7(), FAST);
  expect([response.status, (await response.json()).error.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
});
