import type { Job, JobItem } from '@prodigon/contracts';
import { ITEM_INDEX_MAX, type JobEventPosition, type JobStore } from '@prodigon/ports';
import { afterEach, expect, it, vi } from 'vitest';
import { jobEvents } from './job-events.ts';
import { createJobWatches } from './job-watches.ts';

type Changes = Awaited<ReturnType<JobStore['changes']>>;

const NOTHING: Changes = { changes: [], hasMore: false };
const change = (sequence: number, index: number): Changes['changes'][number] => ({
  item: { index, status: 'succeeded', prompt: 'Hi', output: 'Hello' } as Partial<JobItem> as JobItem,
  position: { sequence, index },
});

afterEach(() => void vi.useRealTimers());

/** Creates the events of a job whose store returns these states and changes, each list in turn and then its last entry. */
function setUp(jobs: Partial<Job & { sequence: number }>[], changes: Changes[] = [NOTHING], after?: JobEventPosition) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const take = <Entry>(list: Entry[]) => (list.length > 1 ? list.shift() : list[0]) as Entry;
  const jobStore = {
    snapshot: vi.fn(async () => ({ job: take(jobs), running: [] })),
    changes: vi.fn(async (_ownerId: string, _jobId: string, _position: JobEventPosition) => take(changes)),
  };
  const controller = new AbortController();
  const events = jobEvents({
    watch: createJobWatches({ jobStore: jobStore as unknown as JobStore, pollEveryMs: 200 }).open('ada', 'job'),
    jobId: 'job',
    after,
    signal: controller.signal,
  });
  /** Returns the frames of the next chunk, each as id, event and data. */
  async function next(): Promise<string[][] | undefined> {
    const { value } = await events.next();
    if (!value) return undefined;
    const frames = Buffer.from(value).toString().split('\n\n').slice(0, -1);
    return frames.map((frame) =>
      ['id', 'event', 'data'].map((name) => new RegExp(`^${name}: (.*)$`, 'm').exec(frame)?.[1] ?? ''),
    );
  }
  return { jobStore, controller, next };
}

const running = { status: 'running', sequence: 5 } as const;
const completed = { status: 'completed', sequence: 6 } as const;

it('starts after the current state of the job and ends with its end', async () => {
  const { next, jobStore } = setUp([completed]);
  expect(await next()).toEqual([['job:6', 'job', JSON.stringify({ job: completed, running: [] })]]);
  expect(await next()).toEqual([['job:6', 'end', '{"status":"completed"}']]);
  expect(await next()).toBeUndefined();
  expect(jobStore.snapshot).toHaveBeenCalledWith('ada', 'job');
  expect(jobStore.changes).toHaveBeenCalledExactlyOnceWith('ada', 'job', { sequence: 6, index: ITEM_INDEX_MAX });
});

it('resumes after the position of the client and reads every further page of changes', async () => {
  const pages: Changes[] = [
    { changes: [change(3, 0), change(3, 1)], hasMore: true },
    { changes: [change(4, 2)], hasMore: false },
  ];
  const after = { sequence: 2, index: 9 };
  const { next, jobStore } = setUp([completed], pages, after);
  const data = (index: number) => JSON.stringify({ index, status: 'succeeded' });
  expect(await next()).toEqual([
    ['job:3.0', 'item', data(0)],
    ['job:3.1', 'item', data(1)],
  ]);
  expect(await next()).toEqual([['job:4.2', 'item', data(2)]]);
  expect((await next())?.[0]?.slice(0, 2)).toEqual(['job:4.2', 'job']);
  expect(jobStore.changes.mock.calls.map(([, , position]) => position)).toEqual([after, { sequence: 3, index: 1 }]);
});

it('polls for changes and sends the job only when its state has changed', async () => {
  const { next, jobStore } = setUp([running, running, completed]);
  await next();
  const changed = next();
  await vi.advanceTimersByTimeAsync(399);
  expect(jobStore.snapshot).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(await changed).toEqual([['job:5', 'job', JSON.stringify({ job: completed, running: [] })]]);
  expect((await next())?.[0]?.[1]).toBe('end');
});

it('ends when the client disconnects between two polls', async () => {
  const { next, controller, jobStore } = setUp([running]);
  await next();
  const ended = next();
  await vi.advanceTimersByTimeAsync(0);
  controller.abort(new Error('The client disconnected.'));
  expect(await ended).toBeUndefined();
  expect(jobStore.snapshot).toHaveBeenCalledTimes(1);
});

it('reads no further page of changes after the client has disconnected', async () => {
  const { next, controller, jobStore } = setUp([running], [{ changes: [change(3, 0)], hasMore: true }]);
  await next();
  controller.abort(new Error('The client disconnected.'));
  await next();
  expect(jobStore.changes).toHaveBeenCalledTimes(1);
});
