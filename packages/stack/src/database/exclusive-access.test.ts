import type { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StackError } from '../stack-error.ts';
import { assertExclusiveAccess, explainLockTimeout } from './exclusive-access.ts';

/** Creates a client of a database to which a service stays connected for a number of checks. */
function createClient(checksWithService: number, address: string | null = null) {
  const queries: string[] = [];
  const query = async (sql: string) => {
    queries.push(sql.includes('pg_stat_activity') ? 'check' : sql);
    const checks = queries.filter((each) => each === 'check').length;
    return { rows: checks <= checksWithService ? [{ address }] : [] };
  };
  return { queries, client: { query } as unknown as Client };
}

describe('assertExclusiveAccess', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  it('accepts a database that no service uses, with a fresh view of its connections', async () => {
    const { client, queries } = createClient(0);
    await assertExclusiveAccess(client);
    expect(queries).toEqual(['SELECT pg_stat_clear_snapshot()', 'check']);
  });

  it('waits up to nine times for a service that disconnects', async () => {
    const { client, queries } = createClient(9);
    const granted = assertExclusiveAccess(client);
    await vi.advanceTimersByTimeAsync(899);
    expect(queries).toHaveLength(18);
    await vi.advanceTimersByTimeAsync(1);
    await granted;
    expect(queries).toHaveLength(20);
  });

  it.each([
    ['10.0.0.7', 'A service of Prodigon uses this database (from 10.0.0.7). Stop it first.'],
    [null, 'A service of Prodigon uses this database. Stop it first.'],
  ])('rejects a database that a service at %s still uses after ten checks', async (address, message) => {
    const { client, queries } = createClient(10, address);
    const rejected = expect(assertExclusiveAccess(client)).rejects.toMatchObject({ name: 'StackError', message });
    await vi.advanceTimersByTimeAsync(900);
    await rejected;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(queries.filter((query) => query === 'check')).toHaveLength(10);
  });
});

describe('explainLockTimeout', () => {
  it('returns the result of the query', async () => {
    expect(await explainLockTimeout(Promise.resolve(7))).toBe(7);
  });

  it('explains a lock of another session', async () => {
    const cause = Object.assign(new Error('canceling statement due to lock timeout'), { code: '55P03' });
    const message = 'Another session locks the tables of this database. Close it first.';
    await expect(explainLockTimeout(Promise.reject(cause))).rejects.toMatchObject({ name: 'StackError', message, cause });
  });

  it('passes other errors on', async () => {
    const error = Object.assign(new Error('syntax error'), { code: '42601' });
    const caught = await explainLockTimeout(Promise.reject(error)).catch((each: unknown) => each);
    expect(caught).toBe(error);
    expect(caught).not.toBeInstanceOf(StackError);
  });
});
