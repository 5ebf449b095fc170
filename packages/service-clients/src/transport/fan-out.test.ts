import { AppError, type JobActivity, type ModelHealth, type ModelList } from '@prodigon/contracts';
import type { CallContext } from '@prodigon/ports';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { fetchMergedJobActivity, fetchMergedModelList } from './fan-out.ts';

const context = { signal: new AbortController().signal } as CallContext;
const healthy: ModelHealth = {
  state: 'ok',
  breaker: 'closed',
  succeeded: 3,
  failed: 0,
  ttft_p50_ms: 100,
  last_error: null,
  retry_after_s: null,
};
const broken: ModelHealth = {
  state: 'unavailable',
  breaker: 'open',
  succeeded: 1,
  failed: 5,
  ttft_p50_ms: 300,
  last_error: { code: 'INFERENCE_ERROR', message: 'It failed.', at: '2026-01-01T00:00:00.000Z' },
  retry_after_s: 7,
};
const modelReplica = (health: ModelHealth, provider = 'p') => ({
  models: async () => ({ models: [{ id: 'm', provider, health }], problems: [] }) as unknown as ModelList,
});
const unreachable = {
  models: async (): Promise<ModelList> => {
    throw new Error('unreachable');
  },
};
const healthOf = ({ models }: ModelList) => models[0]?.health;

describe('fetchMergedModelList', () => {
  it('adds up the calls of all replicas and reports the worst state', async () => {
    const list = await fetchMergedModelList([modelReplica(healthy), modelReplica(broken)], context);
    expect(healthOf(list)).toEqual({ ...broken, succeeded: 4, failed: 5 });
    const reversed = await fetchMergedModelList([modelReplica(broken), modelReplica(healthy)], context);
    expect(healthOf(reversed)).toEqual({ ...broken, succeeded: 4, failed: 5 });
  });

  it('reports the newest error', async () => {
    const at = '2026-01-01T00:00:01.000Z';
    const newer = { ...broken, last_error: { code: 'RATE_LIMITED', message: 'Too many.', at } as const };
    for (const replicas of [
      [modelReplica(broken), modelReplica(newer)],
      [modelReplica(newer), modelReplica(broken)],
    ]) {
      expect(healthOf(await fetchMergedModelList(replicas, context))?.last_error?.at).toBe(at);
    }
  });

  it('does not mix models of the same name from different providers', async () => {
    const list = await fetchMergedModelList([modelReplica(healthy), modelReplica(broken, 'other')], context);
    expect(healthOf(list)).toEqual(healthy);
  });

  it('uses the responses of the replicas that respond', async () => {
    expect(healthOf(await fetchMergedModelList([unreachable, modelReplica(healthy)], context))).toEqual(healthy);
  });

  it('skips a frozen replica and cancels its request', async () => {
    const requested = Promise.withResolvers<AbortSignal>();
    const frozen = {
      models({ signal }: CallContext): Promise<ModelList> {
        requested.resolve(signal);
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    };
    expect(healthOf(await fetchMergedModelList([frozen, modelReplica(healthy)], context, 1))).toEqual(healthy);
    expect((await requested.promise).aborted).toBe(true);
  });

  it('waits for the first response when all are late', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const gate = Promise.withResolvers<ModelList>();
    const list = fetchMergedModelList([unreachable, { models: () => gate.promise }], context, 1);
    await vi.advanceTimersByTimeAsync(1);
    gate.resolve(await modelReplica(broken).models());
    expect(healthOf(await list)).toEqual(broken);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("passes the caller's context to a single replica", async () => {
    const models = vi.fn(modelReplica(healthy).models);
    await fetchMergedModelList([{ models }], context);
    expect(models).toHaveBeenCalledWith(context);
  });

  it('throws the first error when no replica responds', async () => {
    const other = { models: () => Promise.reject(new Error('other')) };
    await expect(fetchMergedModelList([unreachable, other], context)).rejects.toThrow('unreachable');
  });
});

describe('fetchMergedJobActivity', () => {
  const activity: JobActivity = {
    since: '2026-03-01T09:30:00.000Z',
    waiting: 5,
    running: 3,
    oldest_ms: 40,
    claimed_total: 10,
    retries_total: 1,
    lease_expiries_total: 4,
    succeeded_total: 8,
    failed_total: 1,
    wait_ms: { p50: 1, p95: 2 },
    run_ms: null,
    workers: [{ name: 'worker-1', running: 3, last_seen_ms: 10 }],
  };
  const worker = (part: Partial<JobActivity> = {}) => ({ activity: async () => ({ ...activity, ...part }) });
  const unreachableWorker = { activity: () => Promise.reject(new AppError('SERVICE_UNAVAILABLE')) };
  const frozenWorker = {
    activity: ({ signal }: CallContext) =>
      new Promise<JobActivity>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  };

  it('adds up the totals of all workers and reports the durations of the slowest', async () => {
    const later = '2026-03-01T10:00:00.000Z';
    const other = worker({
      since: later,
      claimed_total: 7,
      succeeded_total: 7,
      wait_ms: { p50: 3, p95: 9 },
      run_ms: { p50: 4, p95: 5 },
    });
    const expected = {
      ...activity,
      claimed_total: 17,
      retries_total: 2,
      lease_expiries_total: 8,
      succeeded_total: 15,
      failed_total: 2,
      wait_ms: { p50: 3, p95: 9 },
      run_ms: { p50: 4, p95: 5 },
    };
    expect(await fetchMergedJobActivity([worker(), other], context)).toEqual(expected);
    expect(await fetchMergedJobActivity([other, worker()], context)).toEqual(expected);
  });

  it('uses the responses of the workers that respond', async () => {
    expect(await fetchMergedJobActivity([unreachableWorker, worker(), frozenWorker], context, 50)).toEqual(activity);
  });

  it('throws when no worker responds', async () => {
    await expect(fetchMergedJobActivity([unreachableWorker, unreachableWorker], context)).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
    });
  });
});
