import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lab, type LabRun, type LabRunList, labRunSchema, labSchema, type Prediction } from '@prodigon/contracts/workshop';
import { describe, expect, it } from 'vitest';
import { createFakeVerdict } from '../fake-experiment.test-support.ts';
import { createLabHarness, flush, LAB, OUTCOME, readEvents } from '../lab-harness.test-support.ts';
import { RunnerError } from '../runner/task-runner.ts';

const PREDICTION = { choice: 'more', reason: 'Protobuf is smaller.' };
type Harness = ReturnType<typeof createLabHarness>;

/** Creates a harness with a prediction. */
async function createPredicted(): Promise<Harness> {
  const harness = createLabHarness();
  await harness.call('createPrediction', LAB, PREDICTION);
  return harness;
}
const start = ({ call }: Harness, body: object = {}) => call<LabRun>('createLabRun', LAB, body);
const get = ({ call }: Harness, run: string) => call<LabRun>('getLabRun', LAB, undefined, run);

describe('an experiment', () => {
  it('is described with its prediction and runs', async () => {
    const harness = await createPredicted();
    const { id } = await start(harness);
    const lab = labSchema.parse(await harness.call('getLab', LAB));
    expect(lab).toMatchObject({ id: LAB, task: '01', baseline: 'rest', active_run: id, runs: [{ id, status: 'running' }] });
    expect(lab.prediction).toMatchObject({ label: 'More', choice: 'more', range: { from: 1.1, to: null } });
  });

  it('runs only after a prediction, which survives a restart', async () => {
    const harness = createLabHarness();
    await expect(start(harness)).rejects.toMatchObject({ code: 'PREDICTION_REQUIRED' });
    expect(harness.experiments).toEqual([]);
    const prediction = await harness.call<Prediction>('createPrediction', LAB, PREDICTION);
    const run = await harness.reopen().call<LabRun>('createLabRun', LAB, {});
    expect(run.prediction).toEqual(prediction);
  });

  it.each([
    ['another choice', { choice: 'nothing', reason: 'x' }, 'choice'],
    ['no choice', { value: 2, reason: 'x' }, 'choice'],
    ['no reason', { choice: 'more', reason: ' ' }, 'reason'],
  ])('rejects a prediction with %s', async (_, body, path) => {
    await expect(createLabHarness().call('createPrediction', LAB, body)).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      details: [{ path }],
    });
  });

  it.each([
    ['workload', { workload: 'nothing' }],
    ['arms', { arms: ['nothing'] }],
    ['seed', { seed: -1 }],
  ])('rejects a run with an unknown value of "%s"', async (path, body) => {
    await expect(start(await createPredicted(), body)).rejects.toMatchObject({ code: 'VALIDATION_ERROR', details: [{ path }] });
  });

  it('passes the seed, the workload and the selected arms beside those of the claim', async () => {
    const harness = await createPredicted();
    await start(harness, { seed: 7, quick: true, workload: 'long', arms: ['rest'] });
    expect(harness.experiments[0]?.request).toMatchObject({
      ...{ folder: harness.taskFolder, seed: 7, isQuick: true, workload: 'long', arms: ['rest', 'grpc'] },
      prediction: { choice: 'more' },
    });
  });

  it('stores its run with points and verdict, which a restart does not change', async () => {
    const harness = await createPredicted();
    const { id } = await start(harness);
    const { listeners, resolve } = harness.experiments[0] ?? expect.unreachable();
    listeners.onPoint({ block: 0, arm: 'rest', started_at_ms: 1, values: { rate: 5 } });
    resolve({ ...OUTCOME, points: [{ block: 0, arm: 'grpc', started_at_ms: 2, values: { rate: 6 } }] });
    await flush();
    const run = labRunSchema.parse(await get(harness, id));
    expect(run).toMatchObject({
      status: 'completed',
      points: [{ arm: 'grpc' }],
      verdict: { status: 'REFUTED' },
      progress: { share: 1 },
    });
    const stored = JSON.parse(readFileSync(join(harness.learnerDirectory, `runs/${id}.json`), 'utf8'));
    expect([stored, await harness.reopen().call('getLabRun', LAB, undefined, id)]).toEqual([run, run]);
    expect(await harness.call('getTask')).toMatchObject({ progress: { predicted: true, verdict: 'REFUTED' } });
  });

  it('fails with the problem of the runner', async () => {
    const harness = await createPredicted();
    const [known, unknown] = [await start(harness), await start(harness)];
    harness.experiments[0]?.reject(new RunnerError('The platform of an arm did not start.'));
    await flush();
    harness.experiments[1]?.reject(new Error('secret'));
    await flush();
    const problems = [known, unknown].map(async ({ id }) => {
      const { status, problem } = await get(harness, id);
      return `${status}: ${problem}`;
    });
    expect(await Promise.all(problems)).toEqual([
      'failed: The platform of an arm did not start.',
      'failed: The experiment failed unexpectedly. The log of the lab service has the reason.',
    ]);
  });

  it('knows no other experiment and no run of another one', async () => {
    const harness = await createPredicted();
    const { id } = await start(harness);
    for (const call of [
      harness.call('getLab', 'other'),
      harness.call('listLabRuns', 'other'),
      harness.call('getLabRun', 'other', undefined, id),
      harness.call('getLabRun', LAB, undefined, '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d5e'),
      harness.watch('watchLabRun', 'other', id),
    ])
      await expect(call).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('the queue', () => {
  it('runs one activity at a time, in order, over experiments and checks', async () => {
    const harness = await createPredicted();
    await harness.call('startTask');
    const first = await start(harness);
    const checks = await harness.call<{ id: string }>('createCheckRun', '01', {});
    const last = await start(harness, { quick: true });
    expect([first.queue_position, last.queue_position]).toEqual([0, 2]);
    expect(await harness.call('getLabStatus')).toMatchObject({
      activities: [
        { id: first.id, kind: 'experiment', status: 'running', seconds_left: 90 },
        { id: checks.id, kind: 'checks', status: 'queued', seconds_left: null },
        { id: last.id, kind: 'experiment', status: 'queued', seconds_left: 40 },
      ],
    });
    expect([harness.experiments.length, harness.checks.length]).toEqual([1, 0]);
    harness.experiments[0]?.resolve(OUTCOME);
    await flush();
    expect([harness.experiments.length, harness.checks.length, (await get(harness, last.id)).queue_position]).toEqual([1, 1, 1]);
    harness.checks[0]?.resolve({ problem: null });
    await flush();
    expect([harness.experiments.length, (await get(harness, last.id)).status]).toEqual([2, 'running']);
  });

  it('cancels a running and a waiting activity', async () => {
    const harness = await createPredicted();
    const [running, waiting, next] = [await start(harness), await start(harness), await start(harness)];
    const cancel = ({ id }: LabRun) => harness.call<LabRun>('cancelLabRun', LAB, undefined, id);
    expect(await cancel(waiting)).toMatchObject({ status: 'cancelled', started_at: null });
    expect((await get(harness, next.id)).queue_position).toBe(1);
    expect(await cancel(running)).toMatchObject({ status: 'cancelled', verdict: null });
    expect((await get(harness, next.id)).status).toBe('running');
    expect(await cancel(running)).toMatchObject({ status: 'cancelled' });
  });

  it('is limited', async () => {
    const harness = await createPredicted();
    for (let count = 0; count <= 20; count += 1) await start(harness);
    await expect(start(harness)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect((await harness.call<Lab>('getLab', LAB)).runs).toHaveLength(21);
  });

  it('cancels everything when the service closes, and accepts nothing more', async () => {
    const harness = await createPredicted();
    const runs = [await start(harness), await start(harness)];
    await harness.close();
    const statuses = await Promise.all(runs.map(async ({ id }) => (await get(harness, id)).status));
    expect([statuses, harness.experiments.length]).toEqual([['cancelled', 'cancelled'], 1]);
    await expect(start(harness)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });
});

describe('the events of a run', () => {
  it('begin and end with the whole run', async () => {
    const harness = await createPredicted();
    const { id } = await start(harness);
    const events = readEvents(await harness.watch('watchLabRun', LAB, id));
    await flush();
    const { listeners, resolve } = harness.experiments[0] ?? expect.unreachable();
    listeners.onProgress({ phase: 'measuring', arm: 'rest', blocks_done: 1, blocks_total: 10, share: 0.1, seconds_left: 9 });
    listeners.onPoint({ block: 0, arm: 'rest', started_at_ms: 1, values: { rate: 5 } });
    resolve(OUTCOME);
    const received = await events;
    expect(received.map(([event]) => event)).toEqual(['run', 'progress', 'point', 'run', 'end']);
    expect([received[0]?.[1], received[3]?.[1]]).toMatchObject([
      { id, status: 'running', points: [] },
      { id, status: 'completed', verdict: createFakeVerdict() },
    ]);
  });

  it('are the run and the end after it has ended', async () => {
    const harness = await createPredicted();
    const { id } = await start(harness);
    harness.experiments[0]?.resolve(OUTCOME);
    await flush();
    expect((await readEvents(await harness.watch('watchLabRun', LAB, id))).map(([event]) => event)).toEqual(['run', 'end']);
  });

  it('stop without an end when the client disconnects, and the run continues', async () => {
    const harness = await createPredicted();
    const { id } = await start(harness);
    const disconnect = new AbortController();
    const events = readEvents(await harness.watch('watchLabRun', LAB, id, disconnect.signal));
    await flush();
    disconnect.abort();
    expect((await events).map(([event]) => event)).toEqual(['run']);
    expect((await get(harness, id)).status).toBe('running');
  });

  it('stop when the service begins to drain', async () => {
    const harness = await createPredicted();
    const { id } = await start(harness);
    const events = readEvents(await harness.watch('watchLabRun', LAB, id));
    await flush();
    void harness.lifecycle.drain();
    expect((await events).map(([event]) => event)).toEqual(['run']);
  });
});

describe('stored runs', () => {
  it('are listed newest first', async () => {
    const harness = await createPredicted();
    const [first, second] = [await start(harness), await start(harness)];
    for (const index of [0, 1]) {
      harness.experiments[index]?.resolve(OUTCOME);
      await flush();
    }
    const { runs } = await harness.reopen().call<LabRunList>('listLabRuns', LAB);
    expect(runs.map(({ id }) => id)).toEqual([second.id, first.id]);
  });

  it('have failed when the service stopped before they ended', async () => {
    const harness = await createPredicted();
    const { id } = await start(harness);
    expect(await harness.reopen().call('getLabRun', LAB, undefined, id)).toMatchObject({
      status: 'failed',
      problem: 'The lab service stopped before the run ended.',
      completed_at: expect.any(String),
      progress: { phase: 'finished', seconds_left: 0 },
    });
    const lines = readFileSync(join(harness.learnerDirectory, 'progress.jsonl'), 'utf8').trim().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ type: 'run_ended', run: id, status: 'failed' });
  });

  it('are read although a folder has the name of a draft', async () => {
    const harness = await createPredicted();
    mkdirSync(join(harness.learnerDirectory, 'runs/x.json.draft'));
    expect(await harness.reopen().call('listLabRuns', LAB)).toEqual({ runs: [] });
  });

  it('are skipped when their file is corrupt, and the log names it', async () => {
    const harness = await createPredicted();
    await start(harness);
    harness.experiments[0]?.resolve(OUTCOME);
    await flush();
    const folder = join(harness.learnerDirectory, 'runs');
    const [name = ''] = readdirSync(folder);
    writeFileSync(join(folder, name), readFileSync(join(folder, name), 'utf8').slice(0, 100));
    expect(await harness.reopen().call('listLabRuns', LAB)).toEqual({ runs: [] });
    expect(harness.warnings).toEqual([expect.stringContaining(name)]);
  });
});
