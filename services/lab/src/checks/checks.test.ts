import { type CheckRun, checkRunSchema, type Task } from '@prodigon/contracts/workshop';
import { describe, expect, it } from 'vitest';
import { createLabHarness, flush, readEvents, resultOf } from '../lab-harness.test-support.ts';
import { RunnerError } from '../runner/task-runner.ts';

async function createStarted() {
  const harness = createLabHarness();
  await harness.call('startTask');
  return harness;
}
type Harness = Awaited<ReturnType<typeof createStarted>>;
const start = ({ call }: Harness, body: object = {}) => call<CheckRun>('createCheckRun', '01', body);
const get = ({ call }: Harness, { id }: CheckRun) => call<CheckRun>('getCheckRun', '01', undefined, id);

describe('a run of checks', () => {
  it('requires a copy of the starter', async () => {
    await expect(createLabHarness().call('createCheckRun', '01', {})).rejects.toMatchObject({ code: 'TASK_NOT_STARTED' });
  });

  it('checks the copy with its seed', async () => {
    const harness = await createStarted();
    const run = await start(harness, { seed: 7, only: ['zero'] });
    expect(run).toMatchObject({ seed: 7, checks_total: 1, results: [] });
    expect(harness.checks[0]?.request).toEqual({
      ...{ folder: harness.taskFolder, learnerFolder: `${harness.learnerDirectory}/01`, seed: 7, only: ['zero'] },
    });
  });

  it('rejects an unknown check', async () => {
    await expect(start(await createStarted(), { only: ['other'] })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      details: [{ path: 'only' }],
    });
  });

  it('has its results in the order in which they arrive, also after a restart', async () => {
    const harness = await createStarted();
    const run = await start(harness);
    for (const check of ['zero', 'absent']) harness.checks[0]?.listeners.onResult(resultOf(check));
    harness.checks[0]?.resolve({ problem: null });
    await flush();
    const ended = checkRunSchema.parse(await get(harness, run));
    expect([ended.status, ended.results.map(({ check }) => check)]).toEqual(['completed', ['zero', 'absent']]);
    expect((await harness.reopen().call<Task>('getTask')).last_check_run).toEqual(ended);
  });

  it('does not hide the results of the other checks', async () => {
    const harness = await createStarted();
    await start(harness);
    for (const check of ['zero', 'absent']) harness.checks[0]?.listeners.onResult(resultOf(check, 'failed'));
    harness.checks[0]?.resolve({ problem: null });
    await flush();
    await start(harness, { only: ['zero'] });
    harness.checks[1]?.listeners.onResult(resultOf('zero'));
    const statuses = async () => (await harness.call<Task>('getTask')).check_results.map(({ check, status }) => [check, status]);
    expect(await statuses()).toEqual([
      ['zero', 'passed'],
      ['absent', 'failed'],
    ]);
    harness.checks[1]?.resolve({ problem: null });
    await flush();
    expect(await statuses()).toHaveLength(2);
    await harness.call('resetTask');
    expect(await statuses()).toEqual([]);
  });

  it("is complete with the problem of the learner's code, and failed with a problem of the runner", async () => {
    const harness = await createStarted();
    const [broken, failed] = [await start(harness), await start(harness)];
    harness.checks[0]?.resolve({ problem: 'Syntax error in my/01/client.ts, line 3.' });
    await flush();
    harness.checks[1]?.reject(new RunnerError('The runner process ended early (SIGKILL).'));
    await flush();
    expect(await get(harness, broken)).toMatchObject({
      status: 'completed',
      problem: 'Syntax error in my/01/client.ts, line 3.',
    });
    expect(await get(harness, failed)).toMatchObject({ status: 'failed', problem: 'The runner process ended early (SIGKILL).' });
  });

  it('is the last one of its task while it runs', async () => {
    const harness = await createStarted();
    const run = await start(harness);
    expect((await harness.call<Task>('getTask')).last_check_run).toMatchObject({ id: run.id, status: 'running' });
  });

  it('can be cancelled', async () => {
    const harness = await createStarted();
    const run = await start(harness);
    expect(await harness.call('cancelCheckRun', '01', undefined, run.id)).toMatchObject({ status: 'cancelled' });
    expect(harness.checks[0]?.listeners.signal.aborted).toBe(true);
  });

  it('sends the whole run after each change, and then the end', async () => {
    const harness = await createStarted();
    const run = await start(harness);
    const events = readEvents(await harness.watch('watchCheckRun', '01', run.id));
    await flush();
    harness.checks[0]?.listeners.onResult(resultOf('zero'));
    harness.checks[0]?.resolve({ problem: null });
    expect((await events).map(([event, data]) => [event, (data as CheckRun).status, (data as CheckRun).results?.length])).toEqual(
      [
        ['run', 'running', 0],
        ['run', 'running', 1],
        ['run', 'completed', 1],
        ['end', undefined, undefined],
      ],
    );
  });
});
