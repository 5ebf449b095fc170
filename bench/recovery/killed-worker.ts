import { setTimeout as wait } from 'node:timers/promises';
import { createApiClient } from '@prodigon/api-client';
import { startLabStack } from '@prodigon/lab';
import { withConnection } from '@prodigon/stack';
import { startTestPostgres } from '@prodigon/testing';

const PROMPTS = 2_000;
const KILLED_AFTER = 300;
const MODEL = 'prodigon-sim?ttft_ms=20&tokens_per_s=1000&tokens=5';
const POLL_INTERVAL_MS = 5;

export type KilledWorkerTimes = {
  /** Time until the next result is recorded. */
  readonly resumed_ms: number;
  /** Time until all items in flight are recorded, which requires that the lease of the killed worker expires. */
  readonly in_flight_recorded_ms: number;
  readonly items_in_flight: number;
  readonly items_lost: number;
};

/** Kills the only worker during a job, and measures the recovery with the default lease and the supervisor that restarts it. */
export async function measureKilledWorker(): Promise<KilledWorkerTimes> {
  const postgres = await startTestPostgres();
  const stack = await startLabStack({ topology: 'services', env: { DATABASE_URL: postgres.url, USE_MOCK: 'true' } });
  try {
    const { jobs } = createApiClient({ baseUrl: stack.url });
    const { job_id } = await jobs.submitFile({
      format: 'txt',
      bytes: new Blob(Array.from({ length: PROMPTS }, (_, index) => `Prompt ${index}\n`)),
      options: { model: MODEL },
    });
    return await withConnection(postgres.url, async (client) => {
      const indexes = async (status: string): Promise<number[]> => {
        const sql = 'select index from worker.job_items where job_id = $1 and status = $2';
        const { rows } = await client.query(sql, [job_id, status]);
        return rows.map(({ index }) => index);
      };
      const waitUntil = async (condition: () => Promise<boolean>) => {
        while (!(await condition())) await wait(POLL_INTERVAL_MS);
        return performance.now();
      };
      await waitUntil(async () => (await indexes('succeeded')).length >= KILLED_AFTER);
      for (const { service, pid } of stack.processes) if (service === 'worker') process.kill(pid, 'SIGKILL');
      const killedAt = performance.now();
      const inFlight = new Set(await indexes('running'));
      const recorded = (await indexes('succeeded')).length;
      const resumedAt = await waitUntil(async () => (await indexes('succeeded')).length > recorded);
      const allRecordedAt = await waitUntil(
        async () => (await indexes('succeeded')).filter((index) => inFlight.has(index)).length === inFlight.size,
      );
      await waitUntil(async () => (await jobs.get(job_id)).status === 'completed');
      return {
        resumed_ms: Math.round(resumedAt - killedAt),
        in_flight_recorded_ms: Math.round(allRecordedAt - killedAt),
        items_in_flight: inFlight.size,
        items_lost: PROMPTS - (await indexes('succeeded')).length,
      };
    });
  } finally {
    await stack.close();
    await postgres.close();
  }
}
