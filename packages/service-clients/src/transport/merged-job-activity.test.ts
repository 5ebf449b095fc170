import { AppError, type JobActivity } from '@prodigon/contracts';
import type { CallContext } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import { mergedJobActivity } from './merged-job-activity.ts';

const context = { signal: new AbortController().signal } as CallContext;

const activity: JobActivity = {
  waiting: 5,
  running: 3,
  oldest_ms: 40,
  claimed_total: 10,
  retries_total: 1,
  lease_expiries_total: 0,
  succeeded_total: 8,
  failed_total: 1,
  wait_ms: { p50: 1, p95: 2 },
  run_ms: null,
  workers: [{ name: 'worker-1', running: 3, last_seen_ms: 10 }],
};
const answering = (part: Partial<JobActivity> = {}) => ({ activity: async () => ({ ...activity, ...part }) });
const unreachable = {
  activity: async () => {
    throw new AppError('SERVICE_UNAVAILABLE');
  },
};
/** Answers when nobody waits for it any more. */
const frozen = {
  activity: ({ signal }: CallContext) =>
    new Promise<JobActivity>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
};

describe('the activity of several workers', () => {
  it('adds up what each has counted, and shows the times of the slowest', async () => {
    const other = answering({ claimed_total: 7, succeeded_total: 7, wait_ms: { p50: 3, p95: 9 }, run_ms: { p50: 4, p95: 5 } });
    expect(await mergedJobActivity([answering(), other], context)).toEqual({
      ...activity,
      claimed_total: 17,
      retries_total: 2,
      succeeded_total: 15,
      failed_total: 2,
      wait_ms: { p50: 3, p95: 9 },
      run_ms: { p50: 4, p95: 5 },
    });
  });

  it('is that of those who answer', async () => {
    expect(await mergedJobActivity([unreachable, answering(), frozen], context, 50)).toEqual(activity);
  });

  it('fails when nobody answers', async () => {
    await expect(mergedJobActivity([unreachable, unreachable], context)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });
});
