import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { runInProcess } from '../../run-prodigon.test-support.ts';
import {
  completedRun,
  createCheckRun,
  createLabRun,
  errorResponse,
  failedResult,
  jsonResponse,
  passedResult,
  RUN_ID,
  startWorkshopGateway,
  task,
  workshop,
} from './workshop-gateway.test-support.ts';

const FILES = {
  folder: 'my/01',
  files: [
    { path: 'inference-client.ts', starter: 'a', own: 'a' },
    { path: 'removed.ts', starter: 'a', own: null },
  ],
};
const OTHER_ID = '0199a8f0-0000-4000-8000-000000000002';
const runSummaries = (...ids: string[]) => jsonResponse({ runs: ids.map((id) => ({ ...completedRun, id })) });

it('lists the tasks with the progress, and the section to continue with', async () => {
  const { run } = await startWorkshopGateway();
  const { code, stdout, stderr } = await run(['list']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'Continue with task 01, section predict.\n' });
  expect(stdout).toMatch(/^Part 1\n {2}TASK +NAME .*\n {2}01 +rest-vs-grpc +REST vs gRPC +60 +started +REFUTED +1\/2\n$/);
  const printed = await run(['list', '--json']);
  expect(JSON.parse(printed.stdout)).toEqual(workshop);
});

it.each(['01', '1', 'rest-vs-grpc', 'Transports'])(
  'accepts "%s" as the name of a task, and prints the next steps',
  async (name) => {
    const { run, posted, baseUrl } = await startWorkshopGateway({ 'POST /api/v1/workshop/01/start': jsonResponse(FILES) });
    const { code, stdout } = await run(['start', name]);
    expect(code).toBe(0);
    expect(stdout).toContain('Your code for task 01 is in my/01:\n  inference-client.ts\n\nNext:\n');
    expect(stdout).toContain(`${baseUrl}/workshop/rest-vs-grpc`);
    expect(stdout).toContain('./prodigon lab check 01');
    expect(stdout).not.toContain('removed.ts');
    expect(posted()).toEqual(['POST /api/v1/workshop/01/start']);
  },
);

it.each([
  [['start'], 'Name a task. Available: 01 rest-vs-grpc.'],
  [['start', '99'], 'There is no task "99". Available: 01 rest-vs-grpc.'],
  [['start', '01', '02'], "Unexpected argument '02'."],
  [['run', '01', '--seed', '-1'], "Option '--seed' argument is ambiguous"],
  [['run', '01', '--seed', '2147483648'], '--seed takes a whole number from 0 to 2147483647, not "2147483648".'],
  [['run', '01', '--arm', 'rest,soap'], '--arm "soap" does not exist. Available: rest, grpc.'],
  [['run', '01', '--workload', 'big'], '--workload "big" does not exist. Available: chat.'],
  [['check', '01', '--only', 'zero'], '--only "zero" does not exist. Available: explicit-zero, aborts.'],
  [['hint', '01', 'zero'], 'There is no check "zero". Available: explicit-zero, aborts.'],
  [['hint', '01'], 'No check has failed, so name one. Available: explicit-zero, aborts.'],
  [['predict', '01', 'c', 'why'], 'The prediction is one of a|b. Not "c".'],
  [['predict', '01', 'a', ' '], 'The reason is empty.'],
  [['predict', '01'], 'Predict first, with a reason: ./prodigon lab predict 01 <a|b> "<reason>".'],
  [['predict', '01', 'b'], 'Predict first, with a reason: ./prodigon lab predict 01 b "<reason>".'],
  [['export', '01', '--format', 'csv'], '--format must be json or markdown, not "csv".'],
  [['reset', '01'], 'Without a terminal, this command requires --yes.'],
  [['incident'], 'Unknown command "lab incident".'],
])('prodigon lab %j exits with 2 and changes nothing', async (args, message) => {
  const { run, posted } = await startWorkshopGateway();
  // The last argument is `--url`, which a group without a subcommand does not accept.
  expect(await run(args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
  expect(posted()).toEqual([]);
});

it.each([
  ['LABS_DISABLED', 403],
  ['SERVICE_UNAVAILABLE', 503],
] as const)('exits with 3 and the message of the gateway for %s', async (code, status) => {
  const { run } = await startWorkshopGateway({ 'GET /api/v1/workshop': errorResponse(code, status, 'Labs do not run.') });
  expect(await run(['list'])).toEqual({ code: 3, stdout: '', stderr: 'Labs do not run.\n' });
});

it('exits with 3 when no gateway responds', async () => {
  const result = await runInProcess(['lab', 'list', '--url', 'http://127.0.0.1:9'], {}).ended;
  expect(result).toMatchObject({ code: 3, stderr: expect.stringContaining('No gateway responds at http://127.0.0.1:9.') });
});

it('prints the next hint for a check, by default for the first one that failed', async () => {
  const hint = { check: 'aborts', level: 1, levels: 3, text: 'Look at the options of the call.' };
  const lastRun = createCheckRun({ status: 'completed', results: [passedResult, failedResult] });
  const { run, posted } = await startWorkshopGateway({
    'GET /api/v1/workshop/01': jsonResponse({ ...task, last_check_run: lastRun }),
    'POST /api/v1/workshop/01/hints': jsonResponse(hint),
  });
  for (const args of [['aborts'], []])
    expect(await run(['hint', '1', ...args])).toEqual({
      code: 0,
      stdout: '  Look at the options of the call.\n',
      stderr: 'Hint 1 of 3 for aborts. Repeat the command for the next one.\n',
    });
  expect((await run(['hint', '01', 'explicit-zero', '--json'])).stdout).toBe(`${JSON.stringify(hint, null, 2)}\n`);
  expect(posted().map((line) => line.split(' ')[2])).toEqual(
    ['aborts', 'aborts', 'explicit-zero'].map((check) => JSON.stringify({ check })),
  );
});

it('applies the solution, and names --force when the runner refuses it', async () => {
  const refused = await startWorkshopGateway({
    'POST /api/v1/workshop/01/solution': errorResponse('CONFLICT', 409, 'Try first.'),
  });
  expect(await refused.run(['solution', '01'])).toMatchObject({ code: 3, stderr: 'Try first. --force copies it anyway.\n' });
  const { run, posted } = await startWorkshopGateway({ 'POST /api/v1/workshop/01/solution': jsonResponse(FILES) });
  expect(await run(['solution', '01', '--force'])).toMatchObject({ code: 0, stdout: expect.stringContaining('is in my/01') });
  expect(posted()).toEqual(['POST /api/v1/workshop/01/solution {"force":true}']);
});

it.each([
  ['y', 0, 1],
  ['n', 3, 0],
])('resets the code only after a confirmation (%s)', async (typed, code, requests) => {
  const { run, posted } = await startWorkshopGateway({ 'POST /api/v1/workshop/01/reset': jsonResponse(FILES) });
  expect((await run(['reset', '01'], { typed, isTTY: true })).code).toBe(code);
  expect(posted()).toHaveLength(requests);
});

it('shows what runs and what waits', async () => {
  const activity = { id: RUN_ID, kind: 'experiment', task: '01', title: 'Transports', status: 'running', seconds_left: 75 };
  const { run } = await startWorkshopGateway({ 'GET /api/v1/labs/status': jsonResponse({ activities: [activity] }) });
  expect((await run(['status'])).stdout).toMatch(/\n {2}01 +experiment +running +1 min 15 s +Transports\n$/);
  expect(JSON.parse((await run(['status', '--json'])).stdout)).toEqual({ activities: [activity] });
  const idle = await startWorkshopGateway({ 'GET /api/v1/labs/status': jsonResponse({ activities: [] }) });
  expect(await idle.run(['status'])).toEqual({ code: 0, stdout: '', stderr: 'No experiment or check is running.\n' });
});

it('exports the newest complete run, or the one that an id names', async () => {
  const failed = { ...createLabRun({ status: 'failed' }), id: '0199a8f0-0000-4000-8000-000000000003' };
  const { run, folder } = await startWorkshopGateway({
    'GET /api/v1/labs/transports/runs': jsonResponse({ runs: [failed, completedRun] }),
    [`GET /api/v1/labs/transports/runs/${RUN_ID}`]: jsonResponse(completedRun),
    [`GET /api/v1/labs/transports/runs/${failed.id}`]: jsonResponse(failed),
  });
  expect(JSON.parse((await run(['export', '01'])).stdout)).toEqual(completedRun);
  expect(JSON.parse((await run(['export', '01', '--run', '0003'])).stdout)).toEqual(failed);
  const path = join(folder, 'run.md');
  expect(await run(['export', '01', '--format', 'markdown', '-o', path])).toEqual({
    ...{ code: 0, stdout: '', stderr: `Wrote run ${completedRun.id} to ${path}.\n` },
  });
  const text = readFileSync(path, 'utf8');
  expect(text).toContain('# REFUTED: gRPC needs half the CPU of REST.\n');
  expect(text).toContain('| CPU per request | gRPC | REST | 1.42 | 1.38 to 1.47 |\n');
  expect(text).toContain('| Offered load | yes | 99 % | at least 95 % |\n');
  expect(await run(['export', '01', '-o', join(folder, 'no', 'where')])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('cannot be written (ENOENT).'),
  });
});

it.each([
  [[], [], 3, 'There is no complete run yet.'],
  [[RUN_ID], ['--run', 'ffff'], 3, 'There is no run whose id begins or ends with ffff.'],
  [[RUN_ID, OTHER_ID], ['--run', '0199'], 2, 'The ids of several runs begin or end with 0199.'],
])('explains why it exports none of the runs %j', async (ids, args, code, message) => {
  const { run } = await startWorkshopGateway({ 'GET /api/v1/labs/transports/runs': runSummaries(...ids) });
  expect(await run(['export', '01', ...args])).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) });
});

it('completes tasks, and the checks of the named task', async () => {
  const rootDirectory = mkdtempSync(join(tmpdir(), 'prodigon-completion-'));
  onTestFinished(() => rmSync(rootDirectory, { recursive: true }));
  const complete = async (...words: string[]) => {
    const { stdout } = await runInProcess(['__complete', 'lab', ...words], {}, { rootDirectory }).ended;
    return stdout.match(/^[^\t\n]+/gm) ?? [];
  };
  expect(await complete('check', '')).toEqual([]);
  const folder = join(rootDirectory, 'workshop/part-1/task-01');
  mkdirSync(folder, { recursive: true });
  mkdirSync(join(rootDirectory, 'workshop/part-1/task-02'));
  writeFileSync(join(folder, 'task.json'), JSON.stringify(task));
  expect(await complete('check', '')).toEqual(['rest-vs-grpc']);
  expect(await complete('check', '1', '--only', '')).toEqual(['explicit-zero', 'aborts']);
  expect(await complete('hint', 'rest-vs-grpc', 'a')).toEqual(['aborts']);
  expect(await complete('start', '01', '')).toEqual([]);
  expect(await complete('check', '01', '--seed', '')).toEqual([]);
  expect(await complete('export', '01', '--format', '')).toEqual(['json', 'markdown']);
});
