import { AppError } from '@prodigon/contracts';
import { createLogger } from '@prodigon/platform';
import type { Lease, LeaseStore, WorkerSession } from '@prodigon/ports';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createOrphanedLeases, createWorkerSession, leaseKey } from './worker-session.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

const pass = (ms: number) => void vi.advanceTimersByTime(ms);

/** Creates the session of a worker with a lease of three seconds. */
function setUp() {
  const leaseStore = {
    openSession: vi.fn(async (_session: WorkerSession, _onDisconnected?: () => void) => {}),
    renewSession: vi.fn(async (_session: WorkerSession) => true),
    closeSession: vi.fn(async (_session: WorkerSession) => {}),
  };
  const records: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void records.push(JSON.parse(line)) };
  const logger = createLogger({ service: 'test', level: 'info', secrets: [], destination });
  const onExpired = vi.fn();
  const session = createWorkerSession({
    leaseStore: leaseStore as Partial<LeaseStore> as LeaseStore,
    name: 'worker-1',
    leaseMs: 3_000,
    logger,
    onExpired,
  });
  return { session, leaseStore, onExpired, records };
}

describe('worker session', () => {
  it('is valid only from its opening until the lease ends', async () => {
    const { session, leaseStore } = setUp();
    expect(session.isValid).toBe(false);
    await session.renewIfDue();
    expect(leaseStore.openSession).toHaveBeenCalledExactlyOnceWith(
      { id: session.current.id, name: 'worker-1', leaseMs: 3_000 },
      expect.any(Function),
    );
    expect(leaseStore.renewSession).not.toHaveBeenCalled();
    expect(session.isValid).toBe(true);
    pass(2_999);
    expect(session.isValid).toBe(true);
    pass(1);
    expect(session.isValid).toBe(false);
  });

  it('renews the lease after a third of its duration', async () => {
    const { session, leaseStore } = setUp();
    await session.renewIfDue();
    pass(999);
    await session.renewIfDue();
    expect(leaseStore.renewSession).not.toHaveBeenCalled();
    pass(1);
    await session.renewIfDue();
    expect(leaseStore.renewSession).toHaveBeenCalledExactlyOnceWith(session.current);
    expect(leaseStore.openSession).toHaveBeenCalledTimes(1);
    pass(2_999);
    expect(session.isValid).toBe(true);
  });

  it('renews the lease immediately after its connection ends, and is invalid until then', async () => {
    const { session, leaseStore } = setUp();
    await session.renewIfDue();
    leaseStore.openSession.mock.calls[0]?.[1]?.();
    expect(session.isValid).toBe(false);
    await session.renewIfDue();
    expect(leaseStore.renewSession).toHaveBeenCalledExactlyOnceWith(session.current);
    expect(session.isValid).toBe(true);
  });

  it('renews the lease again when its connection ends during a renewal', async () => {
    const { session, leaseStore } = setUp();
    leaseStore.openSession.mockImplementationOnce(async (_session, onDisconnected) => onDisconnected?.());
    await session.renewIfDue();
    expect(session.isValid).toBe(false);
    await session.renewIfDue();
    expect(leaseStore.renewSession).toHaveBeenCalledTimes(1);
    expect(session.isValid).toBe(true);
  });

  it('counts the lease from before the request', async () => {
    const { session, leaseStore } = setUp();
    leaseStore.openSession.mockImplementationOnce(async () => pass(2_999));
    await session.renewIfDue();
    expect(session.isValid).toBe(true);
    pass(1);
    expect(session.isValid).toBe(false);
  });

  it('shares one request between concurrent renewals, and starts a new one after it', async () => {
    const { session, leaseStore } = setUp();
    await Promise.all([session.renewIfDue(), session.renewIfDue()]);
    expect(leaseStore.openSession).toHaveBeenCalledTimes(1);
    pass(1_000);
    await session.renewIfDue();
    expect(leaseStore.renewSession).toHaveBeenCalledTimes(1);
  });

  it('replaces a session that has expired', async () => {
    const { session, leaseStore, onExpired, records } = setUp();
    await session.renewIfDue();
    const first = session.current;
    pass(1_000);
    leaseStore.renewSession.mockResolvedValueOnce(false);
    await session.renewIfDue();
    expect(onExpired).toHaveBeenCalledTimes(1);
    expect(records).toMatchObject([{ worker: 'worker-1', msg: expect.stringContaining('expired') }]);
    expect(session.current.id).not.toBe(first.id);
    expect(leaseStore.openSession).toHaveBeenLastCalledWith(session.current, expect.any(Function));
    expect(session.isValid).toBe(true);
  });

  it('is not valid while the session that replaces it cannot be opened', async () => {
    const { session, leaseStore } = setUp();
    await session.renewIfDue();
    pass(1_000);
    leaseStore.renewSession.mockResolvedValueOnce(false);
    leaseStore.openSession.mockRejectedValueOnce(new AppError('SERVICE_UNAVAILABLE'));
    await expect(session.renewIfDue()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(session.isValid).toBe(false);
    await session.renewIfDue();
    expect(leaseStore.renewSession).toHaveBeenCalledTimes(1);
    expect(session.isValid).toBe(true);
  });

  it('keeps its lease when a renewal fails', async () => {
    const { session, leaseStore, onExpired } = setUp();
    await session.renewIfDue();
    pass(1_000);
    leaseStore.renewSession.mockRejectedValueOnce(new AppError('SERVICE_UNAVAILABLE'));
    await expect(session.renewIfDue()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect([session.isValid, onExpired.mock.calls.length]).toEqual([true, 0]);
    await session.renewIfDue();
    expect(leaseStore.renewSession).toHaveBeenCalledTimes(2);
  });
});

describe('close of a worker session', () => {
  it('ends the session in the store and here', async () => {
    const { session, leaseStore } = setUp();
    await session.renewIfDue();
    await session.close();
    expect(session.isValid).toBe(false);
    expect(leaseStore.closeSession).toHaveBeenCalledExactlyOnceWith(session.current);
  });

  it('closes nothing if no session was opened', async () => {
    const { session, leaseStore } = setUp();
    await session.close();
    expect(leaseStore.closeSession).not.toHaveBeenCalled();
  });

  it('waits for a renewal in flight, even one that fails', async () => {
    const { session, leaseStore } = setUp();
    const opening = Promise.withResolvers<void>();
    leaseStore.openSession.mockReturnValueOnce(opening.promise);
    const renewing = session.renewIfDue();
    const closing = session.close();
    opening.resolve();
    await Promise.all([renewing, closing]);
    expect(leaseStore.closeSession).toHaveBeenCalledTimes(1);
    expect(session.isValid).toBe(false);
    pass(1_000);
    leaseStore.renewSession.mockRejectedValueOnce(new AppError('SERVICE_UNAVAILABLE'));
    const failing = expect(session.renewIfDue()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await session.close();
    await failing;
  });
});

describe('orphaned leases', () => {
  const session: WorkerSession = { id: '1', name: 'worker-1', leaseMs: 3_000 };
  const lease = (index: number): Lease => ({ jobId: 'job', index, lease: 1 });

  function setUpLeases() {
    const findHeldLeases = vi.fn(async () => [lease(0), lease(1), lease(2)]);
    const orphanedLeases = createOrphanedLeases({
      leaseStore: { findHeldLeases } as Partial<LeaseStore> as LeaseStore,
      everyMs: 500,
    });
    return { findHeldLeases, find: () => orphanedLeases.find(session, () => [lease(1)]), suspect: orphanedLeases.suspect };
  }

  it('are the leases in the store that the worker does not know', async () => {
    const { find, findHeldLeases } = setUpLeases();
    expect(await find()).toEqual([lease(0), lease(2)]);
    expect(findHeldLeases).toHaveBeenCalledExactlyOnceWith(session);
  });

  it('are queried once per interval, which counts from before the query', async () => {
    const { find, findHeldLeases } = setUpLeases();
    findHeldLeases.mockImplementationOnce(async () => {
      pass(499);
      return [];
    });
    await find();
    expect(await find()).toEqual([]);
    expect(findHeldLeases).toHaveBeenCalledTimes(1);
    pass(1);
    await find();
    expect(findHeldLeases).toHaveBeenCalledTimes(2);
  });

  it('are queried again before the interval ends when a claim has failed', async () => {
    const { find, findHeldLeases, suspect } = setUpLeases();
    await find();
    suspect();
    await find();
    expect(findHeldLeases).toHaveBeenCalledTimes(2);
  });

  it('have keys that differ in job, index or lease number', () => {
    const keys = [
      { jobId: 'a', index: 1, lease: 1 },
      { jobId: 'b', index: 1, lease: 1 },
      { jobId: 'a', index: 2, lease: 1 },
      { jobId: 'a', index: 1, lease: 2 },
    ].map(leaseKey);
    expect(new Set(keys).size).toBe(4);
  });
});
