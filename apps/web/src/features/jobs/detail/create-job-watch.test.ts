import { AppError, type JobEvent, type JobItem } from '@prodigon/contracts';
import { expect, it, onTestFinished, vi } from 'vitest';
import { aJob, anItem } from '../job.test-support.ts';
import { createJobWatch, type ItemChange, type JobSources } from './create-job-watch.ts';

function itemEvent({ prompt, output, ...data }: JobItem): JobEvent {
  return { event: 'item', data };
}

/** A watch over stubbed sources that stops at the end of the test. */
function watchOn(sources: Partial<JobSources>) {
  const watch = createJobWatch({
    get: async () => aJob(),
    items: async () => ({ items: [], next_after: null }),
    watch: async function* () {},
    ...sources,
  });
  onTestFinished(watch.stop);
  const states: ReturnType<typeof watch.store.getState>[] = [];
  watch.store.subscribe((state) => states.push(state));
  return { ...watch, states, state: () => watch.store.getState() };
}

it('reads the job and follows the events after it', async () => {
  const cursors: number[] = [];
  const { start, state } = watchOn({
    watch: async function* ({ after, onConnection }) {
      cursors.push(after);
      onConnection(true);
      yield { event: 'job', data: { job: aJob({ completed_prompts: 5, sequence: 9 }), running: [] } };
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
  const watch = watchOn({
    watch: async function* () {
      for (let index = 0; index < 500; index += 1) {
        yield itemEvent(anItem({ index, status: 'running', attempts: 1 }));
        yield itemEvent(anItem({ index, status: 'succeeded', attempts: 1, wait_ms: 1, latency_ms: 2 }));
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

it('reads the job again at its end and invalidates the pages of items', async () => {
  let isEnded = false;
  const { start, state } = watchOn({
    get: async () => (isEnded ? aJob({ status: 'completed', completed_prompts: 9 }) : aJob()),
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
  const { start, state } = watchOn({
    get: async () => {
      if (isDown) throw new AppError('SERVICE_UNAVAILABLE', 'The worker service cannot be reached.');
      return aJob();
    },
    watch: async function* ({ onConnection }) {
      onConnection(true);
      yield { event: 'job', data: { job: aJob({ completed_prompts: 5 }), running: [] } };
      isDown = true;
      onConnection(false);
      await new Promise<void>((resolve) => {
        returns = resolve;
      });
      isDown = false;
      onConnection(true);
      yield { event: 'job', data: { job: aJob({ completed_prompts: 6 }), running: [] } };
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
  const { start, state } = watchOn({
    get: async () => {
      requests += 1;
      throw new AppError('JOB_NOT_FOUND');
    },
  });
  start();
  await vi.waitFor(() => expect(state().failure?.code).toBe('JOB_NOT_FOUND'));
  expect(requests).toBe(1);
});

it('loads attempts and timings from before the page opened', async () => {
  const items = [
    anItem({
      status: 'succeeded',
      attempts: 1,
      worker: 'a',
      started_at: '2026-11-23T10:00:01.000Z',
      wait_ms: 1_000,
      latency_ms: 500,
    }),
  ];
  const { start, state, timeline } = watchOn({
    get: async () => aJob({ status: 'completed' }),
    items: async () => ({ items, next_after: null }),
  });
  start();
  await vi.waitFor(() => expect(state().timings?.runTime.p50).toBe(500));
  expect(timeline.attempts()).toHaveLength(1);
  await vi.waitFor(() => expect(state().isHistoryLoaded).toBe(true));
});
