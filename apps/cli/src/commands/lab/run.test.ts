import { expect, it } from 'vitest';
import {
  asEvents,
  completedRun,
  createLab,
  createLabRun,
  createVerdict,
  errorResponse,
  type FakeResponse,
  jsonResponse,
  prediction,
  RUN_ID,
  startWorkshopGateway,
} from './workshop-gateway.test-support.ts';

const LAB = '/api/v1/labs/transports';
const RUN = `${LAB}/runs/${RUN_ID}`;
const queued = createLabRun({
  status: 'queued',
  queue_position: 2,
  progress: { phase: 'queued', arm: null, blocks_done: 0, blocks_total: 10, share: 0, seconds_left: 200 },
});
const measuring = { phase: 'measuring', arm: 'grpc', blocks_done: 5, blocks_total: 10, share: 0.5, seconds_left: 30 };
const events = asEvents(['run', queued], ['progress', measuring], ['run', completedRun], ['end', {}]);
const interrupt = () => process.emit('SIGINT', 'SIGINT');

const startLab = (routes: Record<string, FakeResponse> = {}) =>
  startWorkshopGateway({
    [`POST ${LAB}/runs`]: jsonResponse(queued, 202),
    [`POST ${LAB}/predictions`]: jsonResponse(prediction, 201),
    [`GET ${RUN}/events`]: events,
    ...routes,
  });
const withoutPrediction = { [`GET ${LAB}`]: jsonResponse(createLab({ prediction: null })) };

it('runs an experiment, shows the queue and the progress, and prints the verdict', async () => {
  const { run, posted } = await startLab();
  const args = ['run', '01', '--arm', 'rest, grpc', '--seed', '7', '--quick', '--workload', 'chat'];
  const { code, stdout, stderr } = await run(args);
  expect(code).toBe(0);
  expect(stderr.split('\n')).toEqual([
    'Is gRPC faster than REST here?',
    `Run ${RUN_ID}, seed 7, about 40 s.`,
    '0% queued, 2 ahead · 3 min 20 s left',
    '50% measuring · block 5/10 · 30 s left · gRPC',
    '100% finished',
    '  Exercise  ./prodigon lab start 01',
    '',
  ]);
  expect(stdout).toMatch(/^── REFUTED ─+\n/);
  expect(stdout).toContain('1.42 (1.38 to 1.47)');
  expect(posted()).toEqual([`POST ${LAB}/runs {"arms":["rest","grpc"],"seed":7,"workload":"chat","quick":true}`]);
});

it('prints the whole run as JSON', async () => {
  const { run } = await startLab();
  expect(JSON.parse((await run(['run', '01', '--json'])).stdout)).toEqual(completedRun);
});

it.each(['REFUTED', 'INCONCLUSIVE', 'INVALID'] as const)(
  'exits with 0 for %s, because every verdict is a result',
  async (status) => {
    const ended = { ...completedRun, verdict: createVerdict({ status }) };
    const { run } = await startLab({ [`GET ${RUN}/events`]: asEvents(['run', ended], ['end', {}]) });
    const next = status === 'INVALID' ? 'Close other programs and repeat it:\n  Run  ./prodigon lab run 01\n' : '  Exercise  ';
    expect(await run(['run', '01'])).toMatchObject({
      ...{ code: 0, stdout: expect.stringContaining(`── ${status} ─`), stderr: expect.stringContaining(next) },
    });
  },
);

it('draws a progress bar on a terminal', async () => {
  const { run } = await startLab();
  const { stderr } = await run(['run', '01'], { isTTY: true });
  expect(stderr).toMatch(/\r {2}0% ░+ queued, 2 ahead.*\r100% █+ finished/);
});

it('asks for a missing prediction on a terminal, until the answer is valid', async () => {
  const { run, posted } = await startLab(withoutPrediction);
  const { code, stderr } = await run(['run', '01'], { isTTY: true, typed: 'z\rB\rIt is the same work' });
  expect(code).toBe(0);
  expect(stderr).toContain('How much CPU does gRPC need?\n  a) Half of it\n  b) About the same\n');
  expect(posted()).toEqual([
    `POST ${LAB}/predictions {"choice":"same","reason":"It is the same work"}`,
    `POST ${LAB}/runs {"quick":false}`,
  ]);
});

it('runs nothing when the user leaves the question', async () => {
  const { run, posted } = await startLab(withoutPrediction);
  expect(await run(['run', '01'], { isTTY: true, typed: '\u0003' })).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('No run was started.\n'),
  });
  expect(posted()).toEqual([]);
});

it('requires a prediction without a terminal', async () => {
  const { run, posted } = await startLab(withoutPrediction);
  const { code, stderr } = await run(['run', '01']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^Claim: .*\n {2}a\) Half of it\n {2}b\) About the same\nPredict first, with a reason: /s);
  expect(posted()).toEqual([]);
});

it('stores a prediction: an option by its letter or id, or a ratio', async () => {
  const slider = { type: 'slider', question: 'How much?', min: 0.1, max: 10, step: 0.1, tolerance: 0.1 } as const;
  const { run, posted } = await startLab();
  for (const answer of ['a', 'half']) expect((await run(['predict', '01', answer, 'Binary'])).code).toBe(0);
  const ratio = await startLab({ [`GET ${LAB}`]: jsonResponse(createLab({ prediction_form: slider })) });
  expect((await ratio.run(['predict', '01', '2.5', 'Binary'])).code).toBe(0);
  expect(await ratio.run(['predict', '01', '11', 'Binary'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('0.1 to 10'),
  });
  expect([...posted(), ...ratio.posted()].map((line) => JSON.parse(line.split(' ')[2] ?? ''))).toEqual([
    { choice: 'half', reason: 'Binary' },
    { choice: 'half', reason: 'Binary' },
    { value: 2.5, reason: 'Binary' },
  ]);
});

it.each([
  ['failed', 'The run failed. The platform of gRPC did not start.\n'],
  ['cancelled', 'The run was stopped, so there is no verdict.\n'],
] as const)('exits with 3 when the run is %s', async (status, message) => {
  const ended = createLabRun({ status, problem: 'The platform of gRPC did not start.' });
  const { run } = await startLab({ [`GET ${RUN}/events`]: asEvents(['run', ended], ['end', {}]) });
  expect(await run(['run', '01'])).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining(message) });
});

it('stops the run on Ctrl-C and waits for its end', async () => {
  const cancelled = createLabRun({ status: 'cancelled' });
  let end = () => {};
  const { run, posted } = await startLab({
    [`GET ${RUN}/events`]: (response) => {
      end = () => asEvents(['run', cancelled], ['end', {}])(response, {} as never);
      interrupt();
    },
    [`POST ${RUN}/cancel`]: (response, request) => {
      jsonResponse(cancelled)(response, request);
      end();
    },
  });
  const { code, stderr } = await run(['run', '01']);
  expect(code).toBe(130);
  expect(stderr).toContain('Stopping the run. Press Ctrl-C again to exit immediately.\n');
  expect(stderr).toContain('The run was stopped, so there is no verdict.\n');
  expect(posted().at(-1)).toBe(`POST ${RUN}/cancel`);
});

it('reports that a run cannot be stopped', async () => {
  const { run } = await startLab({
    [`GET ${RUN}/events`]: interrupt,
    [`POST ${RUN}/cancel`]: errorResponse('CONFLICT', 409, 'It has ended.'),
  });
  expect(await run(['run', '01'])).toMatchObject({ code: 3, stderr: expect.stringContaining('It has ended.\n') });
});

it('watches what runs; Ctrl-C leaves it running', async () => {
  const activity = { id: RUN_ID, kind: 'experiment', task: '01', title: 'x', status: 'running', seconds_left: 1 };
  const routes = {
    'GET /api/v1/labs/status': jsonResponse({ activities: [activity] }),
    [`GET ${RUN}`]: jsonResponse(createLabRun()),
  };
  const { run } = await startLab(routes);
  expect(await run(['watch'])).toMatchObject({ code: 0, stdout: expect.stringContaining('REFUTED') });
  const left = await startLab({ ...routes, [`GET ${RUN}/events`]: interrupt });
  expect(await left.run(['watch', '01'])).toMatchObject({ code: 130, stderr: expect.stringContaining('The run continues.') });
  expect(left.posted()).toEqual([]);
  const idle = await startLab({ 'GET /api/v1/labs/status': jsonResponse({ activities: [] }) });
  expect(await idle.run(['watch'])).toEqual({ code: 3, stdout: '', stderr: 'No experiment or check is running.\n' });
});
