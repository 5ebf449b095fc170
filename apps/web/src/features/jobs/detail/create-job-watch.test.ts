import { AppError, type JobEvent, type JobItem, type JobTimings } from '@prodigon/contracts';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createItemFixture, createJobFixture } from '../job.test-support.ts';
import { createJobWatch, type ItemChange, type JobClient } from './create-job-watch.ts';

function itemEvent({ prompt, output, ...data }: JobItem): JobEvent {
  return { event: 'item', data };
}

/** Creates a watch over a stubbed client. It stops at the end of the test. */
function watchWith(client: Partial<JobClient>) {
  const watch = createJobWatch({
    get: async () => createJobFixture(),
    timings: async () => ({ measured_prompts: 0, models: [], wait_ms: null, run_ms: null, attempts: [] }),
    items: async () => ({ items: [], next_after: null }),
    watch: async function* () {},
    ...client,
  });
  onTestFinished(watch.stop);
  const states: ReturnType<typeof watch.store.getState>[] = [];
  watch.store.subscribe((state) => states.push(state));
  return { ...watch, states, state: () => watch.store.getState() };
}

it('loads the job and follows the events after it', async () => {
  const cursors: number[] = [];
  const { start, state } = watchWith({
    watch: async function* ({ after, onConnection }) {
      cursors.push(after);
      onConnection(true);
      yield { event: 'job', data: { job: createJobFixture({ completed_prompts: 5, sequence: 9 }), running: [] } };
      await new Promise(() => {});
    },
  });
  start();
  await vi.waitFor(() => expect(state().job?.completed_prompts).toBe(5));
  expect(cursors).toEqual([7]);
  expect(state()).toMatchObject({ connection: 'live', failure: null });
});

it('delivers events in batches with the latest state of each item', async () => {
  const batches: ReadonlyMap<number, ItemChange>[] = [];
  const watch = watchWith({
    watch: async function* () {
      for (let index = 0; index < 500; index += 1) {
        yield itemEvent(createItemFixture({ index, status: 'running', attempts: 1 }));
        yield itemEvent(createItemFixture({ index, status: 'succeeded', attempts: 1, wait_ms: 1, latency_ms: 2 }));
      }
      await new Promise(() => {});
    },
  });
  watch.onItems((changes) => batches.push(changes));
  watch.start();
  await vi.waitFor(() => expect(batches.reduce((count, { size }) => count + size, 0)).toBe(500));
  expect(batches.flatMap((batch) => [...batch.values()]).every(({ status }) => status === 'succeeded')).toBe(true);
  expect(batches.length).toBeLessThan(10);
  expect(watch.states.length).toBeLessThan(20);
});

it('reloads the job at its end and invalidates the loaded items', async () => {
  let isEnded = false;
  const { start, state } = watchWith({
    get: async () => (isEnded ? createJobFixture({ status: 'completed', completed_prompts: 9 }) : createJobFixture()),
    watch: async function* () {
      isEnded = true;
      yield { event: 'end', data: { status: 'completed' } };
    },
  });
  start();
  await vi.waitFor(() => expect(state().connection).toBe('closed'));
  expect(state()).toMatchObject({ epoch: 2, running: [], job: { completed_prompts: 9 } });
});

it('keeps its state while the connection is lost and reports the error of the gateway', async () => {
  let isDown = false;
  let returns = () => {};
  const { start, state } = watchWith({
    get: async () => {
      if (isDown) throw new AppError('SERVICE_UNAVAILABLE', 'The worker service cannot be reached.');
      return createJobFixture();
    },
    watch: async function* ({ onConnection }) {
      onConnection(true);
      yield { event: 'job', data: { job: createJobFixture({ completed_prompts: 5 }), running: [] } };
      isDown = true;
      onConnection(false);
      await new Promise<void>((resolve) => {
        returns = resolve;
      });
      isDown = false;
      onConnection(true);
      yield { event: 'job', data: { job: createJobFixture({ completed_prompts: 6 }), running: [] } };
      await new Promise(() => {});
    },
  });
  start();
  await vi.waitFor(() => expect(state().failure?.message).toBe('The worker service cannot be reached.'));
  await vi.waitFor(() => expect(state()).toMatchObject({ connection: 'lost', job: { completed_prompts: 5 } }));
  returns();
  await vi.waitFor(() => expect(state()).toMatchObject({ connection: 'live', failure: null, job: { completed_prompts: 6 } }));
});

it('stops if the job does not exist', async () => {
  let requests = 0;
  const { start, state } = watchWith({
    get: async () => {
      requests += 1;
      throw new AppError('JOB_NOT_FOUND');
    },
  });
  start();
  await vi.waitFor(() => expect(state().failure?.code).toBe('JOB_NOT_FOUND'));
  expect(requests).toBe(1);
});

const TIMINGS: JobTimings = {
  measured_prompts: 9,
  models: ['m'],
  wait_ms: { p50: 1_000, p95: 2_000 },
  run_ms: { p50: 500, p95: 700 },
  attempts: [
    {
      index: 0,
      attempt: 1,
      worker: 'a',
      started_at: '2026-11-23T10:00:01.000Z',
      ended_at: '2026-11-23T10:00:02.000Z',
      outcome: 'succeeded',
    },
  ],
};

it('shows the measurements and attempts that the server returns for a finished job', async () => {
  const { start, state, timeline } = watchWith({
    get: async () => createJobFixture({ status: 'completed' }),
    timings: async () => TIMINGS,
  });
  start();
  await vi.waitFor(() => expect(state().timings).toEqual(TIMINGS));
  expect(state().isHistoryLoaded).toBe(true);
  expect(timeline.attempts()).toMatchObject([{ worker: 'a', attempt: 1, outcome: 'succeeded' }]);
});

it('reads the measurements again at the end of the job, and keeps them when that fails', async () => {
  let isEnded = false;
  const timings = vi.fn(async () => {
    if (isEnded) throw new AppError('SERVICE_UNAVAILABLE');
    return TIMINGS;
  });
  const { start, state } = watchWith({
    get: async () => createJobFixture(isEnded ? { status: 'completed' } : {}),
    timings,
    watch: async function* () {
      isEnded = true;
      yield { event: 'end', data: { status: 'completed' } };
    },
  });
  start();
  await vi.waitFor(() => expect(timings).toHaveBeenCalledTimes(2));
  await vi.waitFor(() => expect(state()).toMatchObject({ connection: 'closed', timings: TIMINGS }));
});

it('reads the measurements soon after the first success, however few changes follow', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const timings = vi.fn(async () => ({ ...TIMINGS, measured_prompts: timings.mock.calls.length - 1 }));
  const { start, state } = watchWith({
    timings,
    watch: async function* () {
      yield itemEvent(createItemFixture({ status: 'succeeded', attempts: 1, wait_ms: 1, latency_ms: 2 }));
      await new Promise(() => {});
    },
  });
  start();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(state().timings?.measured_prompts).toBe(1);
});
