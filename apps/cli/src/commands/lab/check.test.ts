import { expect, it, onTestFinished, vi } from 'vitest';
import {
  asEvents,
  createCheckRun,
  errorResponse,
  type FakeResponse,
  failedResult,
  jsonResponse,
  passedResult,
  RUN_ID,
  startWorkshopGateway,
} from './workshop-gateway.test-support.ts';

const CHECKS = '/api/v1/workshop/01/checks';
const EVENTS = `GET ${CHECKS}/${RUN_ID}/events`;
const ended = createCheckRun({ status: 'completed', results: [passedResult, failedResult] });
const withEvents = (...runs: unknown[]) => asEvents(...runs.map((run): [string, unknown] => ['run', run]), ['end', {}]);

const startChecks = (events: FakeResponse, routes: Record<string, FakeResponse> = {}) =>
  startWorkshopGateway({
    [`POST ${CHECKS}`]: jsonResponse(createCheckRun({ status: 'queued', queue_position: 1 }), 202),
    [EVENTS]: events,
    ...routes,
  });

it('prints the results by stage, and the first failing check with its sequence diagram', async () => {
  const { run, posted } = await startChecks(withEvents(createCheckRun({ results: [passedResult] }), ended));
  const { code, stdout, stderr } = await run(['check', '01', '--seed', '7', '--only', 'explicit-zero,aborts'], {
    env: { LANG: 'C.UTF-8' },
  });
  expect(code).toBe(1);
  expect(stderr).toBe('0% queued, 1 ahead\n50% 1/2 checks\n100% 2/2 checks · 1 failed\n');
  expect(stdout).toBe(`Stage 1: zero
  ✓ An explicit 0 arrives (explicit-zero)

Stage 2: deadline
  ✗ The deadline aborts the model (aborts)

✗ The deadline aborts the model (check aborts, seed 41)

     ms  Your client                                              Model
      0  │── Generate ───────────────────────────────────────────▶│
      1  │                             ! generating (never ended) ✗
     50  ── deadline ───────────────────────────────────────────────────────────
     60  │── cancel (never arrived) ───────────────────────────✗  │
    400  │◀─ response (52 ms) ────────────────────────────────────│

  Expected  at most 50 ms of work after the deadline
  Observed  the model was still generating after 400 ms
  Input     deadline 50 ms
  Where     generate() passes no deadline to the call
  Replay    ./prodigon lab check 01 --only aborts --seed 41
  Hint      ./prodigon lab hint 01 aborts

1 of 2 checks passed (seed 7).
`);
  expect(posted()).toEqual([`POST ${CHECKS} {"seed":7,"only":["explicit-zero","aborts"]}`]);
});

it('exits with 0 when all checks passed', async () => {
  const { run } = await startChecks(
    withEvents(createCheckRun({ status: 'completed', checks_total: 1, results: [passedResult] })),
  );
  expect(await run(['check', '01'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/\n1 of 1 check passed \(seed 7\)\.\n$/),
  });
});

it('exits with 1 and says why when the code cannot be loaded', async () => {
  const problem = 'my/01/inference-client.ts:3: Unexpected token';
  const skipped = { ...passedResult, status: 'skipped' as const };
  const { run } = await startChecks(withEvents(createCheckRun({ status: 'completed', results: [skipped], problem })));
  const { code, stdout } = await run(['check', '01']);
  expect(code).toBe(1);
  expect(stdout).toBe(`  ${problem}\n\nNo check could run (seed 7).\n`);
  const empty = await startChecks(withEvents(createCheckRun({ status: 'completed', problem })));
  expect((await empty.run(['check', '01'])).code).toBe(1);
});

it.each(['failed', 'cancelled'] as const)('exits with 3 when the run is %s', async (status) => {
  const { run } = await startChecks(withEvents(createCheckRun({ status, problem: 'The runner died.' })));
  const { code, stdout, stderr } = await run(['check', '01']);
  expect({ code, isStopped: stderr.includes('The checks were stopped.') }).toEqual({
    code: 3,
    isStopped: status === 'cancelled',
  });
  expect(stdout).toContain('The runner died.');
});

it('names the command that starts a task', async () => {
  const { run } = await startChecks(withEvents(ended), {
    [`POST ${CHECKS}`]: errorResponse('TASK_NOT_STARTED', 409, 'There is no copy yet.'),
  });
  expect(await run(['check', '01'])).toMatchObject({
    code: 3,
    stderr: 'There is no copy yet. Run: ./prodigon lab start <task>\n',
  });
});

it('prints the run as JSON', async () => {
  const { run } = await startChecks(withEvents(ended));
  const { code, stdout } = await run(['check', '01', '--json']);
  expect({ code, printed: JSON.parse(stdout) }).toEqual({ code: 1, printed: ended });
});

it('names the number of other failing checks', async () => {
  const { run } = await startChecks(
    withEvents({ ...ended, results: [{ ...failedResult, check: 'explicit-zero' }, failedResult] }),
  );
  expect((await run(['check', '01'])).stdout).toContain(
    '1 other check failed. Run one with --only <check> to see its sequence diagram.',
  );
});

it('stops the checks on Ctrl-C, and leaves immediately on the second one', async () => {
  const now = performance.now.bind(performance);
  let passedMs = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + passedMs);
  onTestFinished(() => clock.mockRestore());
  const { run, posted } = await startChecks(() => process.emit('SIGINT', 'SIGINT'), {
    [`POST ${CHECKS}/${RUN_ID}/cancel`]: () => {
      // Beyond the time within which npm forwards a signal twice.
      passedMs = 1_000;
      process.emit('SIGINT', 'SIGINT');
    },
  });
  const { code, stdout, stderr } = await run(['check', '01']);
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  expect(stderr).toContain('The checks are being stopped. Show them: ./prodigon lab watch 01\n');
  expect(posted().at(-1)).toBe(`POST ${CHECKS}/${RUN_ID}/cancel`);
});

it('watches running checks', async () => {
  const activity = { id: RUN_ID, kind: 'checks', task: '01', title: 'x', status: 'running', seconds_left: 1 };
  const { run } = await startChecks(withEvents(ended), {
    'GET /api/v1/labs/status': jsonResponse({ activities: [activity] }),
    [`GET ${CHECKS}/${RUN_ID}`]: jsonResponse(createCheckRun()),
  });
  expect(await run(['watch'])).toMatchObject({ code: 1, stdout: expect.stringContaining('1 of 2 checks passed') });
});
