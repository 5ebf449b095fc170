import type { TurnEvent } from '@prodigon/contracts/conversations';
import { expect, it } from 'vitest';
import { CONVERSATION_ID, createTurnEvents, GENERATION_ID, toFrames } from './conversation-fixtures.test-support.ts';
import { droppedConnection, errorResponse, type FakeResponse, startFakeGateway } from './fake-gateway.test-support.ts';
import type { ResumeOptions, TurnOptions } from './turn-events.ts';

const stream =
  (events: readonly TurnEvent[]): FakeResponse =>
  (response) =>
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`: hello\n\n${toFrames(events)}`);
const cutStream =
  (events: readonly TurnEvent[]): FakeResponse =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(toFrames(events), () => response.destroy());
  };

const all = createTurnEvents('Hel', 'lo ', 'there');
const [start, ...rest] = all as [TurnEvent, ...TurnEvent[]];

async function collect(gateway: Awaited<ReturnType<typeof startFakeGateway>>, events: AsyncIterable<TurnEvent>) {
  const received: TurnEvent[] = [];
  const failure = await (async () => {
    for await (const event of events) received.push(event);
  })().catch((error: unknown) => error);
  return { received, failure, lines: gateway.requests.map(({ line }) => line), requests: gateway.requests };
}

async function turn(responses: FakeResponse[], options: TurnOptions = {}) {
  const gateway = await startFakeGateway(...responses);
  const events = gateway.client.conversations.turn(
    CONVERSATION_ID,
    { content: 'Hi' },
    { sleep: async () => {}, idempotencyKey: 'mine', ...options },
  );
  return collect(gateway, events);
}

async function resume(responses: FakeResponse[], options: ResumeOptions = {}) {
  const gateway = await startFakeGateway(...responses);
  const events = gateway.client.conversations.resume(GENERATION_ID, { sleep: async () => {}, ...options });
  return collect(gateway, events);
}

const POST = `POST /api/v1/chat/sessions/${CONVERSATION_ID}/turns`;
const STREAM = `GET /api/v1/generations/${GENERATION_ID}/stream`;

it('yields the events of a turn up to its end', async () => {
  const result = await turn([stream(all)]);
  expect(result).toMatchObject({ received: all, failure: undefined, lines: [POST] });
  expect(result.requests[0]).toMatchObject({
    body: '{"content":"Hi"}',
    headers: { 'idempotency-key': 'mine', 'content-type': 'application/json', authorization: 'Bearer a-key' },
  });
});

it('resumes a turn at the position of the last event, whenever the connection ends early', async () => {
  const result = await turn([
    cutStream(all.slice(0, 2)),
    droppedConnection,
    errorResponse('SERVICE_UNAVAILABLE', 503),
    cutStream(all.slice(2, 3)),
    stream([]),
    stream(all.slice(3)),
  ]);
  expect(result.received).toEqual(all);
  expect(result.lines).toEqual([POST, ...Array(3).fill(`${STREAM}?after=3`), ...Array(2).fill(`${STREAM}?after=6`)]);
});

it('yields each part once when the gateway repeats events', async () => {
  const result = await turn([cutStream(all.slice(0, 3)), stream(all)]);
  expect(result.received).toEqual(all);
});

it('repeats a turn with the same key until it has started', async () => {
  const result = await turn([droppedConnection, errorResponse('CONFLICT', 409), stream([]), stream(all)]);
  expect(result.received).toEqual(all);
  expect(result.requests.map(({ line, headers }) => [line, headers['idempotency-key']])).toEqual(Array(4).fill([POST, 'mine']));
});

it('throws when a turn cannot be sent', async () => {
  const result = await turn([droppedConnection]);
  expect(result.failure).toMatchObject({ reason: 'unreachable' });
  expect(result.lines).toHaveLength(5);
});

it.each([
  ['RATE_LIMITED', 429],
  ['SERVICE_UNAVAILABLE', 503],
  ['CONFLICT', 409],
  ['CONVERSATION_NOT_FOUND', 404],
])('throws %s for a turn that the gateway rejects, without a retry', async (code, status) => {
  const result = await turn([errorResponse(code, status)]);
  expect(result).toMatchObject({ received: [], failure: { code }, lines: [POST] });
});

it('yields an error event as the last one', async () => {
  const failed: TurnEvent = { event: 'error', data: { code: 'RESPONSE_INTERRUPTED', message: 'a', retryable: true } };
  const result = await turn([stream([start, failed])]);
  expect(result).toMatchObject({ received: [start, failed], failure: undefined, lines: [POST] });
});

it('throws when the generation was deleted', async () => {
  const result = await turn([cutStream([start]), errorResponse('NOT_RESUMABLE', 410)]);
  expect(result).toMatchObject({ received: [start], failure: { code: 'NOT_RESUMABLE' } });
});

it('reconnects when the gateway stops sending', async () => {
  const silent: FakeResponse = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(toFrames([start]));
  };
  const result = await turn([silent, stream(rest)], { idleTimeoutMs: 20 });
  expect(result.received).toEqual(all);
});

it('resumes a generation after a position, or from its start', async () => {
  const later = await resume([cutStream(all.slice(2, 3)), stream(all.slice(3))], { after: 3 });
  expect(later).toMatchObject({ received: all.slice(2), lines: [`${STREAM}?after=3`, `${STREAM}?after=6`] });
  expect(await resume([stream(all)])).toMatchObject({ received: all, lines: [STREAM] });
});

it('ends when the resumed position is the end', async () => {
  const result = await resume([stream(all.slice(-1))], { after: 13 });
  expect(result).toMatchObject({ received: all.slice(-1), lines: [`${STREAM}?after=13`] });
});

it('throws the reason of an abort', async () => {
  const controller = new AbortController();
  const reason = new Error('closed');
  const silent: FakeResponse = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(toFrames([start]), () => controller.abort(reason));
  };
  expect((await turn([silent], { signal: controller.signal })).failure).toBe(reason);
});
