import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { FakeResponse } from '../../../../../packages/api-client/src/fake-gateway.test-support.ts';
import { runInProcess } from '../../run-prodigon.test-support.ts';
import {
  asEvents,
  asJob,
  completedJob,
  createFolder,
  createJobFixture,
  droppedConnection,
  errorResponse,
  JOB_ID,
  jsonResponse,
  startJobsGateway,
} from './run-jobs.test-support.ts';

const PROMPTS = { 'prompts.jsonl': '{"prompt":"a"}\n"b"\n"c"\n', 'prompts.csv': 'prompt\na\n', 'prompts.txt': 'a\nb\n' };

it('submits a file with its options, watches the job and reports its outcome', async () => {
  const folder = createFolder(PROMPTS);
  const half = createJobFixture({ completed_prompts: 1 });
  const { run, requests, lines } = await startJobsGateway(
    asJob({ status: 'pending' }),
    asEvents(['job', { job: half, running: [] }], ['job', { job: completedJob, running: [] }], ['end', { status: 'completed' }]),
  );
  const options = ['--name', 'Mine', '--model=m', '--system', 'Be short', '--max-tokens', '5', '--temperature', '0'];
  const others = ['--priority', '9', '--expires-in-hours', '2'];
  const { code, stdout, stderr } = await run(['submit', join(folder, 'prompts.jsonl'), ...options, ...others]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${JOB_ID}\n` });
  expect(stderr).toContain('Submitted 3 prompts as job:\n0% 0/3 · queued');
  expect(stderr).toContain('33% 1/3');
  expect(stderr).toContain('Job completed: 3 of 3 succeeded, 1,234 tokens, in 1 min 5 s.\n  Results ');
  expect(lines()).toEqual([
    'POST /api/v1/jobs?name=Mine&model=m&system_prompt=Be+short&max_tokens=5&temperature=0&priority=9&expires_in_hours=2',
    `GET /api/v1/jobs/${JOB_ID}/events?after=4`,
  ]);
  expect(requests[0]).toMatchObject({ body: PROMPTS['prompts.jsonl'], headers: { 'content-type': 'application/jsonl' } });
});

it.each([
  [createJobFixture({ ...completedJob, completed_prompts: 2, failed_prompts: 1 }), ', 1 failed,'],
  [
    createJobFixture({ ...completedJob, status: 'failed', completed_prompts: 0, failed_prompts: 3, error: 'All failed.' }),
    'All failed.',
  ],
  [createJobFixture({ ...completedJob, status: 'cancelled', completed_prompts: 2, cancelled_prompts: 1 }), ', 1 cancelled,'],
])('exits with 1 when a prompt has no response (%#)', async (job, message) => {
  const { run } = await startJobsGateway(asJob(), asEvents(['job', { job, running: [] }], ['end', { status: job.status }]));
  const { code, stderr } = await run(['submit', join(createFolder(PROMPTS), 'prompts.txt')]);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(message) });
  expect(stderr).toContain(`./prodigon jobs retry ${JOB_ID}`);
});

it.each([
  ['prompts.csv', 'text/csv'],
  ['prompts.txt', 'text/plain'],
] as const)('detects the format of %s by its name, and returns immediately with --no-watch', async (name, mediaType) => {
  const { run, requests } = await startJobsGateway(asJob());
  expect(await run(['submit', join(createFolder(PROMPTS), name), '--no-watch'])).toMatchObject({
    code: 0,
    stdout: `${JOB_ID}\n`,
  });
  expect(requests).toMatchObject([{ body: PROMPTS[name], headers: { 'content-type': mediaType } }]);
});

it('reads prompts from standard input in the format that --format names', async () => {
  const { run, requests } = await startJobsGateway(asJob());
  const args = ['submit', '-', '--no-watch'];
  expect(await run(args, { input: 'a\n' })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--format jsonl, csv or txt'),
  });
  expect(await run([...args, '--format', 'xml'])).toMatchObject({ code: 2, stderr: expect.stringContaining('not "xml"') });
  expect(await run([...args, '--format', 'txt'], { input: 'a\nb\n' })).toMatchObject({ code: 0 });
  expect(requests).toMatchObject([{ body: 'a\nb\n', headers: { 'content-type': 'text/plain' } }]);
});

it('reports every invalid line and submits nothing', async () => {
  const { run, requests } = await startJobsGateway(asJob());
  const path = join(createFolder({ 'bad.jsonl': '"a"\n{"prompt":""}\nx\n', 'empty.txt': '\n \n' }), 'bad.jsonl');
  expect(await run(['submit', path])).toEqual({
    code: 1,
    stdout: '',
    stderr: [
      `${path}: 2 of 3 lines are invalid.`,
      '  Line 2, prompt: Must not be blank',
      '  Line 3: Is not valid JSON; each line must be one JSON value',
      '',
    ].join('\n'),
  });
  expect((await run(['submit', path.replace('bad.jsonl', 'empty.txt')])).stderr).toMatch(/empty\.txt contains no prompts\.\n$/);
  expect((await run(['submit', '-', '--format', 'jsonl'], { input: 'x\n'.repeat(150) })).stderr).toMatch(
    /^Standard input: 150 of 150 lines are invalid\. The first 100:\n/,
  );
  expect(requests).toEqual([]);
});

it.each([
  [['submit'], 'Name one file of prompts'],
  [['submit', 'a.txt', 'b.txt'], 'Name one file of prompts'],
  [['submit', 'nowhere.txt'], 'nowhere.txt does not exist.'],
  [['submit', 'LICENSE'], '--format jsonl, csv or txt'],
  [['submit', 'a.txt', '--max-tokens', 'many'], '--max-tokens takes a number, not "many".'],
  [['submit', 'a.txt', '--temperature', '3'], '--temperature: '],
  [['submit', 'a.txt', '--priority', '1.5'], '--priority: '],
  [['submit', 'a.txt', '--what'], "Unknown option '--what'"],
  [['retell'], 'Unknown command "jobs retell".'],
])('rejects %j with an explanation', async (args, message) => {
  const { run, requests } = await startJobsGateway(asJob());
  expect(await run(args)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  expect(requests).toEqual([]);
});

it('submits a job once when a connection fails, and reports rejections of the gateway', async () => {
  const folder = createFolder(PROMPTS);
  const gateway = await startJobsGateway(droppedConnection, asJob());
  expect((await gateway.run(['submit', join(folder, 'prompts.txt'), '--no-watch'])).code).toBe(0);
  const [first, second] = gateway.requests;
  expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);

  const { run } = await startJobsGateway(errorResponse('UNKNOWN_MODEL', 422, 'No provider offers it.'));
  expect(await run(['submit', join(folder, 'prompts.txt')])).toMatchObject({ code: 1, stderr: 'No provider offers it.\n' });
  const { run: runNowhere, baseUrl } = await startJobsGateway(droppedConnection);
  expect((await runNowhere(['submit', join(folder, 'prompts.txt')])).stderr).toBe(
    `No gateway responds at ${baseUrl}. Start it with: npm start\n`,
  );
});

it('keeps the job running on Ctrl-C and prints how to watch or cancel it', async () => {
  const { run } = await startJobsGateway(asJob(), (response) => {
    response.writeHead(200).write(`event: job\ndata: ${JSON.stringify({ job: createJobFixture(), running: [] })}\n\n`);
    process.emit('SIGINT', 'SIGINT');
  });
  const { code, stderr } = await run(['submit', join(createFolder(PROMPTS), 'prompts.txt')]);
  expect(code).toBe(130);
  expect(stderr).toContain(
    `The job continues.\n  Watch   ./prodigon jobs watch ${JOB_ID}\n  Cancel  ./prodigon jobs cancel ${JOB_ID}\n`,
  );
});

const interrupt = () => process.emit('SIGINT', 'SIGINT');

it('cancels the job on Ctrl-C when the whole file has been sent', async () => {
  const { run, lines } = await startJobsGateway((response, request) => {
    interrupt();
    asJob()(response, request);
  }, asJob());
  expect(await run(['submit', join(createFolder(PROMPTS), 'prompts.txt')])).toEqual({
    code: 130,
    stdout: '',
    stderr: `Interrupted. The job ${JOB_ID} is cancelled.\n`,
  });
  expect(lines()).toEqual(['POST /api/v1/jobs', `POST /api/v1/jobs/${JOB_ID}/cancel`]);
});

it('submits nothing on Ctrl-C before the whole file has been sent', async () => {
  let received = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    // Stops reading after the first bytes, so that the end of a large file cannot be sent.
    socket.once('data', (bytes) => {
      received += bytes.length;
      socket.pause();
      interrupt();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const folder = createFolder({ 'large.txt': `${'x'.repeat(2_000)}\n`.repeat(10_000) });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const args = ['jobs', 'submit', join(folder, 'large.txt'), '--yes', '--url', url];
  expect(await runInProcess(args, { DATA_DIR: folder }, { rootDirectory: folder }).ended).toEqual({
    code: 130,
    stdout: '',
    stderr: 'Interrupted. Nothing was submitted.\n',
  });
  expect(received).toBeGreaterThan(0);
});

it.each([
  ['an unknown outcome', [], 'Interrupted while submitting. Check whether the job exists: ./prodigon jobs list\n'],
  ['a job that it could not cancel', [asJob()], `The job continues.\n  Watch   ./prodigon jobs watch ${JOB_ID}\n`],
])('reports %s on a second Ctrl-C', async (_case, responses, message) => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const { run } = await startJobsGateway(
    ...responses.map(
      (respond): FakeResponse =>
        (response, request) => {
          interrupt();
          respond(response, request);
        },
    ),
    () => {
      if (responses.length === 0) interrupt();
      vi.advanceTimersByTime(1_000);
      interrupt();
    },
  );
  const { code, stdout, stderr } = await run(['submit', join(createFolder(PROMPTS), 'prompts.txt')]);
  expect([code, stdout]).toEqual([130, '']);
  expect(stderr).toContain(message);
});

it('draws a progress bar on a terminal, also across a reconnect', async () => {
  const { run, lines } = await startJobsGateway(
    asJob(),
    asEvents(['job', { job: createJobFixture({ completed_prompts: 1 }), running: [] }]),
    droppedConnection,
    asEvents(['job', { job: completedJob, running: [] }], ['end', { status: 'completed' }]),
  );
  const { code, stderr } = await run(['submit', join(createFolder(PROMPTS), 'prompts.txt')], { isTTY: true });
  expect(code).toBe(0);
  expect(stderr).toContain('1/3 · connection lost, reconnecting');
  expect(stderr).toMatch(/\r100% █+ 3\/3 · completed · [^\r]+\nJob completed/);
  expect(lines()).toHaveLength(4);
});

it('asks for confirmation of a large file only on a terminal', async () => {
  const { run, requests } = await startJobsGateway(jsonResponse(createJobFixture()));
  const path = join(createFolder({ 'many.txt': 'a\n'.repeat(1_001) }), 'many.txt');
  const submit = (...args: string[]) => ['submit', path, '--no-watch', ...args];
  const refused = await run(submit(), { isTTY: true, typed: 'no' });
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/Submit 1,001 prompts\? \[y\/N\].*Nothing was submitted\.\n$/s),
  });
  expect(await run(submit(), { isTTY: true, typed: '\u0003' })).toMatchObject({ code: 1 });
  expect(requests).toEqual([]);
  expect(await run(submit(), { isTTY: true, typed: 'y' })).toMatchObject({ code: 0 });
  expect(await run(submit('--yes'), { isTTY: true, typed: 'no' })).toMatchObject({ code: 0 });
  expect((await run(submit())).stderr).toBe('Submitted 1,001 prompts as job:\n');
});
