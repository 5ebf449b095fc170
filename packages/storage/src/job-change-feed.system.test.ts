import { sql } from 'kysely';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createJobChangeFeed } from './job-change-feed.ts';
import { openJobDatabase } from './job-database.test-support.ts';

const WAIT = { timeout: 20_000, interval: 10 };

it('announces committed changes of a job, and again after its connection is lost', async () => {
  const { url, db, jobStore, submit } = await openJobDatabase();
  const feed = createJobChangeFeed({ url });
  onTestFinished(() => feed.close());
  const announced = vi.fn<(jobId: string | undefined) => void>();
  const unsubscribe = feed.subscribe(announced);
  await vi.waitFor(() => expect(feed.isConnected).toBe(true), WAIT);

  const [cancelled, other] = [await submit('ada', ['one']), await submit('ada', ['two'])];
  await jobStore.cancel('ada', cancelled.job_id);
  await vi.waitFor(() => expect(announced).toHaveBeenCalledWith(cancelled.job_id), WAIT);
  expect(announced).not.toHaveBeenCalledWith(other.job_id);

  announced.mockClear();
  await sql`
    select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen %'
  `.execute(db);
  // Changes without a connection are lost, so that subscribers must read all jobs again.
  await vi.waitFor(() => expect(announced).toHaveBeenCalledWith(undefined), WAIT);
  await jobStore.remove('ada', cancelled.job_id);
  await vi.waitFor(() => expect(announced).toHaveBeenCalledWith(cancelled.job_id), WAIT);
  unsubscribe();
});
