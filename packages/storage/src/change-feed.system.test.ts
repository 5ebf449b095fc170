import type { JobChange } from '@prodigon/ports';
import { sql } from 'kysely';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createJobChangeFeed } from './change-feed.ts';
import { openJobDatabase } from './job-database.test-support.ts';

const WAIT = { timeout: 20_000, interval: 10 };

it('announces committed changes of a job, and again after its connection is lost', async () => {
  const { url, db, jobStore, submit } = await openJobDatabase();
  const feed = createJobChangeFeed({ url });
  onTestFinished(() => feed.close());
  const announced = vi.fn<(change: JobChange | undefined) => void>();
  const unsubscribe = feed.subscribe(announced);
  await vi.waitFor(() => expect(feed.isConnected).toBe(true), WAIT);

  const { job_id: jobId } = await submit('ada', ['one']);
  await vi.waitFor(() => expect(announced.mock.lastCall).toEqual([{ ownerId: 'ada', jobId }]), WAIT);
  const other = await submit('team/bob', ['two']);
  await vi.waitFor(() => expect(announced.mock.lastCall).toEqual([{ ownerId: 'team/bob', jobId: other.job_id }]), WAIT);
  await jobStore.cancel('ada', jobId);
  await vi.waitFor(() => expect(announced.mock.lastCall).toEqual([{ ownerId: 'ada', jobId }]), WAIT);

  announced.mockClear();
  await sql`
    select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen %'
  `.execute(db);
  // Changes without a connection are lost, so that subscribers must read all jobs again.
  await vi.waitFor(() => expect(announced).toHaveBeenCalledWith(undefined), WAIT);
  await jobStore.remove('ada', jobId);
  await vi.waitFor(() => expect(announced).toHaveBeenCalledWith({ ownerId: 'ada', jobId }), WAIT);
  unsubscribe();
});

it('keeps trying while the certificate that its URL names cannot be read', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const feed = createJobChangeFeed({ url: 'postgres://nobody@127.0.0.1:1/none?sslmode=verify-full&sslrootcert=/nowhere/ca.crt' });
  const announced = vi.fn();
  feed.subscribe(announced);
  // A rejection that nobody handles would end the process.
  await vi.advanceTimersByTimeAsync(3_000);
  expect(vi.getTimerCount()).toBe(1);
  await feed.close();
  expect(vi.getTimerCount()).toBe(0);
  expect(announced).not.toHaveBeenCalled();
});
