import type { JobEvent } from '@prodigon/contracts';
import { expect, it } from 'vitest';
import {
  createJobFixture,
  droppedConnection,
  errorResponse,
  type FakeResponse,
  JOB_ID,
  startFakeGateway,
} from './fake-gateway.test-support.ts';
import { type WatchJobOptions, watchJob } from './watch-job.ts';

const frame = (event: string, data: unknown, id?: string) =>
  `event: ${event}\n${id ? `id: ${id}\n` : ''}data: ${JSON.stringify(data)}\n\n`;
const job = (sequence: number, id?: string) => frame('job', { job: createJobFixture({ sequence }), running: [] }, id);
const end = frame('end', { status: 'completed' }, `${JOB_ID}:9.2`);

const frames =
  (...texts: string[]): FakeResponse =>
  (response) =>
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(texts.join(''));

/** Watches a job with delays that are only recorded. */
async function watch(responses: FakeResponse[], options: WatchJobOptions = {}) {
  const gateway = await startFakeGateway(...responses);
  const delays: number[] = [];
  const connections: boolean[] = [];
  const events: JobEvent[] = [];
  const watching = watchJob(gateway.client, JOB_ID, {
    sleep: async (ms) => void delays.push(ms),
    onConnection: (isOpen) => connections.push(isOpen),
    ...options,
  });
  const failure = await (async () => {
    for await (const event of watching) events.push(event);
  })().catch((error: unknown) => error);
  const positions = gateway.requests.map(({ line, headers }) => headers['last-event-id'] ?? line.split('/events')[1]);
  return { events: events.map(({ event, id }) => [event, id]), delays, connections, failure, positions };
}

it('yields the events of a job up to its end and skips unknown events', async () => {
  const result = await watch(
    [frames(': hello\n\n', frame('news', 1), frame('constructor', 1), job(5, `${JOB_ID}:5.0`), end, job(6))],
    {
      after: 4,
    },
  );
  expect(result).toEqual({
    events: [
      ['job', `${JOB_ID}:5.0`],
      ['end', `${JOB_ID}:9.2`],
    ],
    delays: [],
    connections: [true],
    failure: undefined,
    positions: ['?after=4'],
  });
});

it('resumes after the last event when the connection is lost', async () => {
  const result = await watch([
    frames(job(5, `${JOB_ID}:5.0`), job(6, `${JOB_ID}:6.3`)),
    droppedConnection,
    errorResponse('SERVICE_UNAVAILABLE', 503),
    (response) => response.writeHead(502).end('<html>'),
    frames(end),
  ]);
  expect(result.events.map(([, id]) => id)).toEqual([`${JOB_ID}:5.0`, `${JOB_ID}:6.3`, `${JOB_ID}:9.2`]);
  expect(result.positions).toEqual(['', ...Array(4).fill(`${JOB_ID}:6.3`)]);
  expect(result.connections).toEqual([true, false, true]);
  expect(result.failure).toBeUndefined();
});

it('resumes after the first job event when no event had an id', async () => {
  const result = await watch([frames(job(7)), frames(end)]);
  expect(result.positions).toEqual(['', '?after=7']);
});

it('doubles the delay with each failure up to five seconds, and resets it after an event', async () => {
  const { delays } = await watch([...Array(9).fill(droppedConnection), frames(job(5)), droppedConnection, frames(end)]);
  const limits = [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000, 5_000, 250, 500];
  expect(delays).toHaveLength(limits.length);
  for (const [index, ms] of delays.entries()) {
    expect(ms).toBeGreaterThanOrEqual((limits[index] ?? 0) / 2);
    expect(ms).toBeLessThanOrEqual(limits[index] ?? 0);
  }
});

it('waits for the duration of Retry-After', async () => {
  const busy: FakeResponse = (response) =>
    response
      .writeHead(429, { 'retry-after': '7' })
      .end(JSON.stringify({ error: { code: 'RATE_LIMITED', message: 'Later.', request_id: 'r' } }));
  expect((await watch([busy, frames(end)])).delays).toEqual([7_000]);
});

it.each([
  ['JOB_NOT_FOUND', 404],
  ['UNAUTHENTICATED', 401],
  ['VALIDATION_ERROR', 422],
] as const)('throws %s without a retry', async (code, status) => {
  expect(await watch([errorResponse(code, status)])).toMatchObject({ failure: { code }, delays: [], events: [] });
});

it('throws a ZodError for an event that does not match its schema', async () => {
  const { failure } = await watch([frames(frame('end', { status: 'odd' }))]);
  expect(failure).toMatchObject({ name: 'ZodError' });
});

it('reconnects when the heartbeats stop', async () => {
  let silentConnections = 0;
  const respond: FakeResponse = (response, request) => {
    if (request.headers['last-event-id']) return silentConnections++ === 0 ? undefined : frames(end)(response, request);
    response.writeHead(200).write(job(5, `${JOB_ID}:5.0`));
  };
  const result = await watch([respond], { idleTimeoutMs: 100 });
  expect(result.events.at(-1)?.[0]).toBe('end');
  expect(result.connections.slice(-3)).toEqual([true, false, true]);
  expect(result.positions.at(-1)).toBe(`${JOB_ID}:5.0`);
});

it.each(['while reading', 'while waiting'])('throws the reason of a signal that aborts %s', async (moment) => {
  const controller = new AbortController();
  const abort = () => controller.abort(new Error('stopped'));
  const respond: FakeResponse = (response) => {
    if (moment === 'while reading') response.writeHead(200).write(job(5), abort);
    else response.destroy();
  };
  const result = await watch([respond], {
    signal: controller.signal,
    sleep: async (_, signal) => {
      abort();
      signal?.throwIfAborted();
    },
  });
  expect(result.failure).toEqual(new Error('stopped'));
});

it('closes the connection when the consumer exits the loop', async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const { client } = await startFakeGateway((response) => {
    response.on('close', resolve);
    response.writeHead(200).write(job(5));
  });
  for await (const _ of watchJob(client, JOB_ID)) break;
  await closed;
});
