import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  asEvents,
  asJob,
  completedJob,
  createFolder,
  createJobFixture,
  errorResponse,
  JOB_ID,
  jsonResponse,
  startJobsGateway,
} from './run-jobs.test-support.ts';

const OTHER_ID = '0199a8f0-0000-7000-8000-000000000002';
const asList = (...ids: string[]) => jsonResponse({ jobs: ids.map((job_id) => createJobFixture({ job_id })), next_after: null });

it('lists one job per line without control characters', async () => {
  const jobs = [
    createJobFixture({ name: 'red \u001b[31m\nname', failed_prompts: 1, completed_prompts: 1 }),
    createJobFixture({ cancelling: true }),
  ];
  const { run, lines } = await startJobsGateway(jsonResponse({ jobs, next_after: OTHER_ID }));
  const { code, stdout, stderr } = await run(['list', '--status', 'running', '--limit', '2', '--search', 'a b']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'There are more jobs. Raise --limit to see them.\n' });
  expect(stdout).toMatch(
    new RegExp(
      `^ {2}ID +STATUS +FINISHED +FAILED +CREATED +NAME\n {2}${JOB_ID} +Running +2/3 +1 +2026-01-01 .* red \\[31m name\n .* Cancelling .*\n$`,
    ),
  );
  expect(lines()).toEqual(['GET /api/v1/jobs?status=running&limit=2&q=a+b']);
});

it('accepts the label of a status and the value of the API', async () => {
  const { run, lines } = await startJobsGateway(asList());
  for (const status of ['Queued', 'queued', 'pending']) expect((await run(['list', '--status', status])).code).toBe(0);
  expect(new Set(lines())).toEqual(new Set(['GET /api/v1/jobs?status=pending&limit=20']));
});

it('reports that there are no jobs, or none that match', async () => {
  const { run } = await startJobsGateway(asList());
  expect((await run(['list'])).stderr).toBe('No jobs yet. Submit one: ./prodigon jobs submit <file>\n');
  expect((await run(['list', '--search', 'x'])).stderr).toBe('No job matches.\n');
  expect(await run(['list', '--status', 'odd'])).toMatchObject({ code: 2, stderr: expect.stringContaining('not "odd"') });
  expect(await run(['list', '--limit', '0'])).toMatchObject({ code: 2, stderr: expect.stringContaining('1 to 200') });
});

it('shows a job and its failed prompts', async () => {
  const item = {
    index: 7,
    custom_id: 'seven',
    prompt: 'x',
    status: 'failed',
    attempts: 3,
    output: null,
    finish_reason: null,
    error: { code: 'RATE_LIMITED', message: 'Too\nmany.' },
    model: null,
    usage: null,
    estimated: false,
    cost_usd: null,
    worker: null,
    started_at: null,
    completed_at: null,
    next_attempt_at: null,
    wait_ms: null,
    latency_ms: null,
  };
  const { run, lines } = await startJobsGateway(
    asJob({ failed_prompts: 2, cost_usd: 0.01234 }),
    jsonResponse({ items: [item], next_after: null }),
  );
  const { code, stdout } = await run(['show', JOB_ID]);
  expect(code).toBe(0);
  expect(stdout).toContain('Progress  66% 2/3 · 2 failed · 1 running · 0 tokens');
  expect(stdout).toContain('Cost      $0.0123');
  expect(stdout).toContain('  #7  seven  3 attempts  RATE_LIMITED: Too many.\n');
  expect(stdout).toContain(`All failed prompts: ./prodigon jobs results ${JOB_ID} --failed`);
  expect(lines()[1]).toBe(`GET /api/v1/jobs/${JOB_ID}/items?status=failed&limit=5`);
});

it('accepts the start or the end of an id that is unique among the newest jobs', async () => {
  const { run, lines } = await startJobsGateway(
    ...[1, 2].flatMap(() => [asList('0299a8f0-0000-7000-8000-000000000003', JOB_ID), asJob()]),
  );
  for (const part of ['0199A8', JOB_ID.slice(-6)]) {
    expect((await run(['show', part])).code).toBe(0);
    expect(lines().splice(-2)).toEqual(['GET /api/v1/jobs?limit=200', `GET /api/v1/jobs/${JOB_ID}`]);
  }
});

it.each([
  [[], 2, 'Give the id of one job.'],
  [[JOB_ID, OTHER_ID], 2, 'Give the id of one job.'],
  [['0199a'], 2, 'Give at least 6 characters of the id.'],
  [['questions'], 2, '"questions" is not a job id.'],
  [['0199a8f0'], 2, `Several job ids begin or end with 0199a8f0: ${JOB_ID}, ${OTHER_ID}. Give more characters.`],
  [['aaaaaa'], 1, 'No id of the 200 newest jobs begins or ends with aaaaaa.'],
])('explains why %j does not name a job', async (ids, code, message) => {
  const { run } = await startJobsGateway(asList(JOB_ID, OTHER_ID));
  expect(await run(['watch', ...ids])).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) });
});

it('watches a running job until it ends, and reports the outcome of a finished one immediately', async () => {
  const { run } = await startJobsGateway(
    asJob(),
    asEvents(['job', { job: completedJob, running: [] }], ['end', { status: 'completed' }]),
    jsonResponse(completedJob),
  );
  expect(await run(['watch', JOB_ID])).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^0% 0\/3 .*\n100%.*\nJob completed/),
  });
  expect(await run(['watch', JOB_ID])).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Job completed: 3 of 3/) });
});

it('reports a job that does not exist', async () => {
  const { run } = await startJobsGateway(errorResponse('JOB_NOT_FOUND', 404, 'There is no such job.'));
  for (const name of ['show', 'watch', 'cancel', 'retry', 'results', 'delete'])
    expect(await run([name, JOB_ID, ...(name === 'delete' ? ['--yes'] : [])])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'There is no such job.\n',
    });
});

it('cancels a job and reports the running prompts', async () => {
  const { run, lines } = await startJobsGateway(asJob({ cancelling: true, completed_prompts: 2 }), jsonResponse(completedJob));
  expect(await run(['cancel', JOB_ID])).toEqual({
    code: 0,
    stdout: '',
    stderr: 'The job is being cancelled; at most 1 running prompt can still finish: 2 of 3 prompts succeeded.\n',
  });
  expect((await run(['cancel', JOB_ID])).stderr).toBe('The job is completed: 3 of 3 prompts succeeded.\n');
  expect(lines()[0]).toBe(`POST /api/v1/jobs/${JOB_ID}/cancel`);
});

it('retries the prompts without a response', async () => {
  const { run, lines } = await startJobsGateway(asJob({ completed_prompts: 1 }));
  expect(await run(['retry', JOB_ID, '--no-watch'])).toEqual({ code: 0, stdout: '', stderr: '2 prompts to retry.\n' });
  expect(lines()).toEqual([`POST /api/v1/jobs/${JOB_ID}/retry`]);
});

it('deletes a job', async () => {
  const { run, lines } = await startJobsGateway(jsonResponse(completedJob), (response) => response.writeHead(204).end());
  expect(await run(['delete', JOB_ID, '--yes'])).toEqual({ code: 0, stdout: '', stderr: `Deleted job ${JOB_ID}.\n` });
  expect(lines().at(-1)).toBe(`DELETE /api/v1/jobs/${JOB_ID}`);
});

it('prints results unchanged to a pipe', async () => {
  const { run, lines } = await startJobsGateway((response) => response.end('{"index":0}\n{"index":1}\n'));
  for (const flags of [[], ['--failed'], ['--succeeded']])
    expect(await run(['results', JOB_ID, ...flags])).toEqual({ code: 0, stdout: '{"index":0}\n{"index":1}\n', stderr: '' });
  expect(lines().map((line) => line.split('=')[1])).toEqual(['all', 'failed', 'succeeded']);
  expect((await run(['results', JOB_ID, '--failed', '--succeeded'])).code).toBe(2);
});

it('prints results without control characters on a terminal', async () => {
  const { run } = await startJobsGateway((response) => response.end('"é\u009b2J"\n'));
  expect((await run(['results', JOB_ID], { isTTY: true })).stdout).toBe('"é2J"\n');
});

it('writes a complete file of results, or keeps the previous file', async () => {
  const { run } = await startJobsGateway(
    (response) => response.end('{}\n{}\n'),
    (response) => response.write('{}\n', () => response.destroy()),
    (response) => response.end('{}\n'),
  );
  const folder = createFolder();
  const path = join(folder, 'out.jsonl');
  expect(await run(['results', JOB_ID, '-o', path])).toEqual({ code: 0, stdout: '', stderr: `2 results in ${path}\n` });
  expect(readFileSync(path, 'utf8')).toBe('{}\n{}\n');
  writeFileSync(path, 'kept');
  expect(await run(['results', JOB_ID, '-o', path])).toMatchObject({
    code: 1,
    stderr: 'The response ended before it was complete.\n',
  });
  expect([readFileSync(path, 'utf8'), existsSync(`${path}.part`)]).toEqual(['kept', false]);
  expect(await run(['results', JOB_ID, '-o', join(folder, 'no', 'where')])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('cannot be written (ENOENT).'),
  });
});

it('prints JSON with --json: the responses of the gateway, and the job at its end', async () => {
  const page = { jobs: [completedJob], next_after: null };
  const job = createJobFixture({ completed_prompts: 2 });
  const end = asEvents(['job', { job: completedJob, running: [] }], ['end', { status: 'completed' }]);
  const { run } = await startJobsGateway(jsonResponse(page), ...[job, job, job].map((each) => jsonResponse(each)), asJob(), end);
  const commands: [string[], unknown][] = [
    [['list'], page],
    [['show', JOB_ID], job],
    [['cancel', JOB_ID], job],
    [['retry', JOB_ID, '--no-watch'], job],
    [['watch', JOB_ID], completedJob],
  ];
  for (const [args, expected] of commands) {
    const { code, stdout } = await run([...args, '--json']);
    expect({ code, printed: JSON.parse(stdout) }).toEqual({ code: 0, printed: expected });
  }
});
