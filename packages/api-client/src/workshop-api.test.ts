import { WORKSHOP_OPERATIONS } from '@prodigon/contracts/workshop';
import { expect, it } from 'vitest';
import {
  droppedConnection,
  errorResponse,
  type FakeResponse,
  jsonResponse,
  startFakeGateway,
} from './fake-gateway.test-support.ts';
import { createHttpClient, createWorkshopApi } from './workshop-api.ts';

const RUN_ID = '0199a8f0-0000-4000-8000-000000000001';
const RUN = {
  id: RUN_ID,
  task: '01',
  status: 'running',
  queue_position: 0,
  seed: 7,
  checks_total: 3,
  results: [],
  problem: null,
  created_at: '2026-01-01T00:00:00.000Z',
  completed_at: null,
};

async function startWorkshop(...responses: FakeResponse[]) {
  const { baseUrl, requests } = await startFakeGateway(...responses);
  const workshop = createWorkshopApi(createHttpClient({ baseUrl, apiKey: () => 'a-key' }));
  return { workshop, requests, lines: () => requests.map(({ line, body }) => `${line} ${body}`.trim()) };
}

const frame = (event: string, data: unknown) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
const frames =
  (...texts: string[]): FakeResponse =>
  (response) =>
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(texts.join(''));

it('has a method for each operation of the table', async () => {
  const { workshop } = await startWorkshop();
  expect(Object.keys(workshop)).toEqual(Object.keys(WORKSHOP_OPERATIONS));
});

it('fills the parameters into the path, and sends a body only to operations that have one', async () => {
  const { workshop, lines, requests } = await startWorkshop(jsonResponse(RUN));
  await workshop.createCheckRun({ task: '01' }, { seed: 7, only: ['one-channel'] });
  await workshop.createCheckRun({ task: '01' });
  expect(await workshop.cancelCheckRun({ task: 'a/b', run: RUN_ID })).toEqual(RUN);
  expect(await workshop.getCheckRun({ task: '01', run: RUN_ID })).toEqual(RUN);
  expect(lines()).toEqual([
    'POST /api/v1/workshop/01/checks {"seed":7,"only":["one-channel"]}',
    'POST /api/v1/workshop/01/checks {}',
    `POST /api/v1/workshop/a%2Fb/checks/${RUN_ID}/cancel`,
    `GET /api/v1/workshop/01/checks/${RUN_ID}`,
  ]);
  expect(requests.map(({ headers }) => headers['content-type'])).toEqual([
    'application/json',
    'application/json',
    undefined,
    undefined,
  ]);
  expect(requests[0]?.headers.authorization).toBe('Bearer a-key');
});

it('throws the error of the gateway, and the reason of an aborted signal', async () => {
  const { workshop } = await startWorkshop(errorResponse('NOT_FOUND', 404));
  await expect(workshop.getTask({ task: '99' })).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'Because.' });
  await expect(workshop.getTask({ task: '01' }, undefined, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
});

it('watches a run up to its end, reconnects, and skips events without a schema', async () => {
  const { workshop, requests } = await startWorkshop(
    frames(frame('run', RUN), frame('news', 1)),
    droppedConnection,
    errorResponse('SERVICE_UNAVAILABLE', 503),
    frames(frame('run', { ...RUN, status: 'completed' }), frame('end', {}), frame('run', RUN)),
  );
  const connections: boolean[] = [];
  const events: unknown[] = [];
  const options = { sleep: async () => {}, onConnection: (isOpen: boolean) => connections.push(isOpen) };
  for await (const event of workshop.watchCheckRun({ task: '01', run: RUN_ID }, options))
    events.push([event.event, event.event === 'run' && event.data.status]);
  expect(events).toEqual([
    ['run', 'running'],
    ['run', 'completed'],
    ['end', false],
  ]);
  expect(connections).toEqual([true, false, true]);
  expect(requests.map(({ line }) => line)).toEqual(Array(4).fill(`GET /api/v1/workshop/01/checks/${RUN_ID}/events`));
});

it('yields the typed events of a lab run', async () => {
  const point = { block: 0, arm: 'rest', started_at_ms: 5, values: { cpu: 1 } };
  const { workshop } = await startWorkshop(frames(frame('point', point), frame('end', {})));
  const events: unknown[] = [];
  for await (const event of workshop.watchLabRun({ lab: 'rest-vs-grpc', run: RUN_ID })) events.push(event);
  expect(events).toEqual([
    { event: 'point', data: point },
    { event: 'end', data: {} },
  ]);
});

it('reconnects when the heartbeats stop, and throws an error that a retry cannot fix', async () => {
  const { workshop, requests } = await startWorkshop(
    (response) => response.writeHead(200).flushHeaders(),
    errorResponse('NOT_FOUND', 404),
  );
  const options = { sleep: async () => {}, idleTimeoutMs: 100 };
  const events = workshop.watchCheckRun({ task: '01', run: RUN_ID }, options);
  await expect(events.next()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(requests.length).toBeGreaterThan(1);
});
