import { setTimeout as wait } from 'node:timers/promises';
import { createApiClient } from '@prodigon/api-client';
import { startLabStack } from '@prodigon/lab';
import { withConnection } from '@prodigon/stack';
import { startTestPostgres } from '@prodigon/testing';

const PROMPTS = 2_000;
const KILLED_AFTER = 300;
const MODEL = 'prodigon-sim?ttft_ms=20&tokens_per_s=1000&tokens=5';
const LOOK_EVERY_MS = 5;

export type KilledWorkerTimes = {
  /** Until the next answer is recorded. */
  readonly resumed_ms: number;
  /** Until everything that was in flight is recorded, which waits for the lease of the killed one. */
  readonly in_flight_recorded_ms: number;
  readonly items_in_flight: number;
  readonly items_lost: number;
};

/** From kill -9 of the only worker in the middle of a job, with the lease that is the default and the supervisor that starts another. */
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
      const until = async (isSo: () => Promise<boolean>) => {
        while (!(await isSo())) await wait(LOOK_EVERY_MS);
        return performance.now();
      };
      await until(async () => (await indexes('succeeded')).length >= KILLED_AFTER);
      for (const { service, pid } of stack.processes) if (service === 'worker') process.kill(pid, 'SIGKILL');
      const killedAt = performance.now();
      const inFlight = new Set(await indexes('running'));
      const recorded = (await indexes('succeeded')).length;
      const resumedAt = await until(async () => (await indexes('succeeded')).length > recorded);
      const wholeAt = await until(
        async () => (await indexes('succeeded')).filter((index) => inFlight.has(index)).length === inFlight.size,
      );
      await until(async () => (await jobs.get(job_id)).status === 'completed');
      return {
        resumed_ms: Math.round(resumedAt - killedAt),
        in_flight_recorded_ms: Math.round(wholeAt - killedAt),
        items_in_flight: inFlight.size,
        items_lost: PROMPTS - (await indexes('succeeded')).length,
      };
    });
  } finally {
    await stack.close();
    await postgres.close();
  }
}
