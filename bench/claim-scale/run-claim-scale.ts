import { randomUUIDv7 } from 'node:crypto';
import { describeMachine, quantile } from '@prodigon/lab';
import type { WorkerSession } from '@prodigon/ports';
import { createDatabase, createPostgresJobQueue, createPostgresLeaseStore, migrateDatabase } from '@prodigon/storage';
import { DURABLE_SETTINGS, startTestPostgres } from '@prodigon/testing';
import pg from 'pg';
import { writeResult } from '../common/write-result.ts';

const SIZES = [1_000, 100_000, 1_000_000];
const OWNERS = 10;
const CLAIMS = 200;
const CLAIM_SIZES = [16, 500];
/** All items are pending, or a thousandth of the table is pending and the rest has succeeded. */
const CASES = ['all waiting', 'a waiting tail'] as const;

/** Measures the duration of one claim, in milliseconds, for several table sizes. Each claim is requeued afterwards. */
export async function runClaimScale(): Promise<void> {
  const machine = describeMachine();
  const rows: object[] = [];
  for (const which of CASES) {
    for (const size of SIZES) {
      const postgres = await startTestPostgres({ settings: DURABLE_SETTINGS });
      try {
        await fill(postgres.url, size, which);
        for (const claimSize of CLAIM_SIZES) rows.push({ case: which, items: size, ...(await measure(postgres.url, claimSize)) });
        console.table(rows.slice(-CLAIM_SIZES.length));
      } finally {
        await postgres.close();
      }
    }
  }
  writeResult('claim-scale', { ...machine, claims: CLAIMS, owners: OWNERS, rows });
}

/** Fills the table without autovacuum, so that claims run before the planner has statistics. */
async function fill(url: string, size: number, which: (typeof CASES)[number]): Promise<void> {
  await migrateDatabase(url);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('alter table worker.job_items set (autovacuum_enabled = off)');
  const waiting = which === 'all waiting' ? size : Math.max(1_000, size / 1_000);
  for (let owner = 0; owner < OWNERS; owner += 1) {
    const jobId = randomUUIDv7();
    const total = size / OWNERS;
    const succeeded = total - waiting / OWNERS;
    await client.query(
      `insert into worker.jobs (id, owner_id, name, max_tokens, temperature, priority, total, succeeded, expires_at)
       values ($1, $2, 'bench', 100, 0, 0, $3, $4, now() + interval '1 day')`,
      [jobId, `owner-${owner}`, total, succeeded],
    );
    await client.query(
      `insert into worker.job_items (job_id, index, owner_id, prompt, rank, status, change)
       select $1, number, $2, 'prompt ' || number || repeat(' and more of it', 12), now(),
         case when number < $4 then 'succeeded' else 'pending' end, case when number < $4 then 1 end
       from generate_series(0, $3::int - 1) number`,
      [jobId, `owner-${owner}`, total, succeeded],
    );
  }
  await client.end();
}

async function measure(url: string, claimSize: number): Promise<{ claim_size: number; median_ms: number; p95_ms: number }> {
  const { db, close } = createDatabase({ url });
  const leases = createPostgresLeaseStore(db);
  const queue = createPostgresJobQueue(db);
  const session: WorkerSession = { id: randomUUIDv7(), name: 'bench', leaseMs: 600_000 };
  await leases.openSession(session);
  const times: number[] = [];
  for (let turn = 0; turn < CLAIMS; turn += 1) {
    const startedAt = performance.now();
    const items = await queue.claim(session, claimSize);
    times.push(performance.now() - startedAt);
    if (items.length !== claimSize) throw new Error(`A claim of ${claimSize} returned ${items.length} items.`);
    await leases.recordResults(
      session,
      items.map((item) => ({ item, outcome: { type: 'requeued' } })),
    );
  }
  await close();
  const rounded = (share: number) => Math.round(quantile(times, share) * 100) / 100;
  return { claim_size: claimSize, median_ms: rounded(0.5), p95_ms: rounded(0.95) };
}
