import { AppError } from '@prodigon/contracts';
import { createLogger } from '@prodigon/platform';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPeriodicTask } from './periodic-task.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const unavailable = () => Promise.reject(new AppError('SERVICE_UNAVAILABLE'));

/** Creates a task that runs every 100 ms and keeps its log records. */
function setUp(run: () => Promise<boolean | undefined> | Promise<void>) {
  const records: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void records.push(JSON.parse(line)) };
  const logger = createLogger({ service: 'test', level: 'info', secrets: [], destination });
  const runs = vi.fn(run);
  return { task: createPeriodicTask({ name: 'claim items', everyMs: 100, run: runs, logger }), runs, records, logger };
}

describe('periodic task', () => {
  it('runs immediately and then once per interval', async () => {
    const { task, runs } = setUp(async () => {});
    task.start();
    await pass(99);
    expect(runs).toHaveBeenCalledTimes(1);
    await pass(1);
    expect(runs).toHaveBeenCalledTimes(2);
    await pass(100);
    expect(runs).toHaveBeenCalledTimes(3);
  });

  it('asks for the interval before each pause', async () => {
    let everyMs = 100;
    const run = vi.fn(async () => {});
    const { logger } = setUp(run);
    createPeriodicTask({ name: 'claim items', everyMs: () => everyMs, run, logger }).start();
    await pass(0);
    everyMs = 400;
    await pass(100);
    expect(run).toHaveBeenCalledTimes(2);
    await pass(399);
    expect(run).toHaveBeenCalledTimes(2);
    await pass(1);
    expect(run).toHaveBeenCalledTimes(3);
  });

  it('repeats without a pause while a run returns true', async () => {
    let remaining = 3;
    const { task, runs } = setUp(async () => {
      remaining -= 1;
      return remaining > 0;
    });
    task.start();
    await pass(0);
    expect(runs).toHaveBeenCalledTimes(3);
    await pass(99);
    expect(runs).toHaveBeenCalledTimes(3);
  });

  it('ends its pause when it is woken, and leaves no timer of that pause', async () => {
    const { task, runs } = setUp(async () => {});
    task.start();
    await pass(50);
    task.wake();
    await pass(0);
    expect(runs).toHaveBeenCalledTimes(2);
    expect(vi.getTimerCount()).toBe(1);
    await pass(99);
    expect(runs).toHaveBeenCalledTimes(2);
  });

  it('runs once more after the current run when it is woken during that run', async () => {
    const first = Promise.withResolvers<void>();
    const { task, runs } = setUp(() => first.promise);
    task.start();
    task.wake();
    task.wake();
    expect(runs).toHaveBeenCalledTimes(1);
    first.resolve();
    await pass(0);
    expect(runs).toHaveBeenCalledTimes(2);
  });
});

describe('failures of a periodic task', () => {
  it('doubles the retry delay up to two seconds', async () => {
    const { task, runs } = setUp(unavailable);
    task.start();
    await pass(0);
    for (const delayMs of [200, 400, 800, 1_600, 2_000, 2_000]) {
      const before = runs.mock.calls.length;
      await pass(delayMs - 1);
      expect(runs).toHaveBeenCalledTimes(before);
      await pass(1);
      expect(runs).toHaveBeenCalledTimes(before + 1);
    }
  });

  it('keeps the retry delay after a failure even if it is woken during the run or the pause', async () => {
    const failing = Promise.withResolvers<void>();
    const { task, runs } = setUp(() => failing.promise);
    task.start();
    task.wake();
    failing.reject(new AppError('SERVICE_UNAVAILABLE'));
    await pass(0);
    task.wake();
    await pass(199);
    expect(runs).toHaveBeenCalledTimes(1);
    await pass(1);
    expect(runs).toHaveBeenCalledTimes(2);
  });

  it('returns to its interval after a recovery', async () => {
    const { task, runs } = setUp(async () => {});
    runs.mockImplementationOnce(unavailable);
    task.start();
    await pass(200);
    expect(runs).toHaveBeenCalledTimes(2);
    await pass(100);
    expect(runs).toHaveBeenCalledTimes(3);
    task.wake();
    await pass(0);
    expect(runs).toHaveBeenCalledTimes(4);
  });

  it('logs one error for each outage, and the number of failures at the recovery', async () => {
    let isDown = true;
    const { task, records } = setUp(() => (isDown ? unavailable() : Promise.resolve()));
    task.start();
    await pass(1_000);
    isDown = false;
    await pass(2_000);
    const failed = { msg: 'Background task failed and will be retried', task: 'claim items', code: 'SERVICE_UNAVAILABLE' };
    expect(records).toMatchObject([failed, { msg: 'Background task recovered', task: 'claim items', failures: 3 }]);
    isDown = true;
    await pass(100);
    expect(records.slice(2)).toMatchObject([failed]);
  });
});

describe('stop of a periodic task', () => {
  it('waits for the current run and starts no further run', async () => {
    const current = Promise.withResolvers<boolean>();
    const { task, runs } = setUp(() => current.promise);
    task.start();
    let hasStopped = false;
    const stopping = task.stop().then(() => (hasStopped = true));
    await pass(1_000);
    expect(hasStopped).toBe(false);
    current.resolve(true);
    await stopping;
    expect(runs).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('starts no pause after a run that ends during the stop', async () => {
    const current = Promise.withResolvers<void>();
    const { task } = setUp(() => current.promise);
    task.start();
    const stopping = task.stop();
    current.resolve();
    await stopping;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends a pause immediately, even a retry delay', async () => {
    const { task, runs } = setUp(unavailable);
    task.start();
    await pass(0);
    await task.stop();
    await pass(10_000);
    expect(runs).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
