import { AppError } from '@prodigon/contracts';
import { createSimulatorProvider } from '@prodigon/model-providers';
import { type CallContext, ITEM_INDEX_MAX, type JobsClient } from '@prodigon/ports';
import { expect, it, vi } from 'vitest';
import { startPlatform } from '../gateway-harness.test-support.ts';

const JOB_ID = '01a20ad0-a913-7191-8a23-763a9ac3ab81';
const OTHER_ID = '01a20ad0-a913-7191-8a23-763a9ac3ab82';

async function* framesOf(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text);
}

/** Yields a frame, then nothing until the call is cancelled. */
async function* openStream({ signal }: CallContext, frame: string) {
  yield Buffer.from(frame);
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

async function start(jobs: Partial<JobsClient> = {}) {
  const { url, ...platform } = await startPlatform({
    topology: 'in one process',
    providers: [{ endpoints: [createSimulatorProvider()] }],
    jobs: jobs as JobsClient,
    // Longer than a test may take.
    drainTimeoutMs: 600_000,
  });
  const get = (topics: string, headers: Record<string, string> = {}) =>
    fetch(`${url}/api/v1/events?topics=${topics}`, { headers });
  return { ...platform, get };
}

/** Reads a stream until it contains `text`, then closes it. */
async function readUntil(response: Response, text: string): Promise<string> {
  let received = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    received += decoder.decode(chunk, { stream: true });
    if (received.includes(text)) break;
  }
  return received;
}

it('sends the events of all topics over one connection and ends with the last topic', async () => {
  const { get } = await start({
    listEvents: async () => framesOf('event: jobs\ndata: 1\n\n'),
    events: async (jobId) => framesOf(`id: ${jobId}:1\nevent: end\ndata: {}\n\n`),
  });
  const response = await get(`jobs,job:${JOB_ID},job:${OTHER_ID}`);
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const frames = (await response.text()).trimEnd().split('\n\n').sort();
  expect(frames).toEqual(['event: jobs\ndata: 1', ...[JOB_ID, OTHER_ID].map((id) => `id: ${id}:1\nevent: end\ndata: {}`)]);
});

it('sends the system overview for the topic health', async () => {
  const { get } = await start();
  const received = await readUntil(await get('health'), '\n\n');
  expect(received).toMatch(/^event: health\n/);
  expect(JSON.parse(received.split('data: ')[1] ?? '')).toMatchObject({ topology: 'monolith', services: expect.any(Array) });
});

it.each([
  [`job:${JOB_ID}`, undefined, undefined],
  [`job:${JOB_ID}:7`, undefined, { sequence: 7, index: ITEM_INDEX_MAX }],
  [`job:${JOB_ID}:7.3`, undefined, { sequence: 7, index: 3 }],
  [`job:${JOB_ID.toUpperCase()}:7.3,job:${JOB_ID}:7.3`, undefined, { sequence: 7, index: 3 }],
  [`job:${JOB_ID}:7`, `${JOB_ID}:9.1`, { sequence: 9, index: 1 }],
  [`job:${JOB_ID}:7`, `${OTHER_ID}:9.1`, { sequence: 7, index: ITEM_INDEX_MAX }],
])('resumes the topic %s after Last-Event-ID %s', async (topics, lastEventId, position) => {
  const events = vi.fn<JobsClient['events']>(async () => framesOf());
  const { get } = await start({ events });
  await (await get(topics, lastEventId === undefined ? {} : { 'last-event-id': lastEventId })).text();
  expect(events.mock.calls.map(([jobId, after]) => [jobId, after])).toEqual([[JOB_ID, position]]);
});

it('reports the failure of one topic as an event and continues with the others', async () => {
  const { get } = await start({
    events: async () => {
      throw new AppError('JOB_NOT_FOUND');
    },
    listEvents: async (context) => openStream(context, 'event: jobs\ndata: 1\n\n'),
  });
  const received = await readUntil(await get(`jobs,job:${JOB_ID}`), 'JOB_NOT_FOUND');
  expect(received).toContain('event: jobs');
  const { message, ...error } = JSON.parse(/event: error\ndata: (.*)/.exec(received)?.[1] ?? '');
  expect(error).toEqual({ topic: `job:${JOB_ID}`, code: 'JOB_NOT_FOUND', retryable: false });
  expect(message).toEqual(expect.any(String));
});

it('closes the streams of all topics when the client disconnects', async () => {
  const signals: AbortSignal[] = [];
  const { get } = await start({
    listEvents: async (context) => {
      signals.push(context.signal);
      return openStream(context, 'event: jobs\ndata: 1\n\n');
    },
  });
  await readUntil(await get('jobs'), 'event: jobs');
  await vi.waitFor(() => expect(signals.map(({ aborted }) => aborted)).toEqual([true]));
});

it('ends as soon as the gateway drains, so that it does not delay the shutdown', async () => {
  const { get, lifecycle } = await start({ listEvents: async (context) => openStream(context, 'event: jobs\ndata: 1\n\n') });
  const response = await get('jobs');
  const drained = lifecycle.drain();
  expect(await response.text()).toContain('event: jobs');
  await drained;
});

it.each(['', 'unknown', 'health,', 'job:1', `job:${JOB_ID}:`, Array.from({ length: 21 }, () => 'health').join()])(
  'rejects the topics "%s"',
  async (topics) => {
    const { get } = await start();
    const response = await get(topics);
    expect([response.status, (await response.json()).error.code]).toEqual([422, 'VALIDATION_ERROR']);
  },
);
