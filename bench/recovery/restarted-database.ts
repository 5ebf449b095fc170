import { setTimeout as wait } from 'node:timers/promises';
import { createApiClient } from '@prodigon/api-client';
import { isTerminalJobStatus } from '@prodigon/contracts';
import { startLabStack } from '@prodigon/lab';
import { startTestPostgres } from '@prodigon/testing';

const MODEL = 'prodigon-sim?ttft_ms=0&tokens_per_s=5000&tokens=5';
const BEFORE_MS = 1_000;
const LOOK_EVERY_MS = 2;

export type RestartedDatabaseTimes = {
  /** From the crash of the database to the next job that is acknowledged. */
  readonly outage_ms: number;
  /** Of it, what came after the database was back. */
  readonly recovered_ms: number;
  readonly jobs_acknowledged: number;
  readonly jobs_lost: number;
};

/** `pg_ctl restart -m immediate` while jobs are being submitted, one after the other. */
export async function measureRestartedDatabase(): Promise<RestartedDatabaseTimes> {
  const postgres = await startTestPostgres();
  const stack = await startLabStack({ topology: 'services', env: { DATABASE_URL: postgres.url, USE_MOCK: 'true' } });
  try {
    const acknowledged: { jobId: string; at: number }[] = [];
    let isOver = false;
    const submit = async () => {
      const answer = await fetch(`${stack.url}/api/v1/jobs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ prompts: ['Hi'], model: MODEL }),
      });
      const body = (await answer.json()) as { job_id: string };
      if (answer.status === 202) acknowledged.push({ jobId: body.job_id, at: performance.now() });
      else if (answer.status !== 503) throw new Error(`A job was answered with ${answer.status}`);
    };
    const submitting = (async () => {
      for (; !isOver; await wait(LOOK_EVERY_MS)) await submit();
    })();
    await wait(BEFORE_MS);
    await postgres.stop('immediate');
    const crashedAt = performance.now();
    await postgres.restart();
    const backAt = performance.now();
    while (!acknowledged.some(({ at }) => at > crashedAt)) await wait(LOOK_EVERY_MS);
    const againAt = acknowledged.find(({ at }) => at > crashedAt)?.at ?? Number.NaN;
    isOver = true;
    await submitting;

    const { jobs } = createApiClient({ baseUrl: stack.url });
    let lost = 0;
    for (const { jobId } of acknowledged) {
      let { status } = await jobs.get(jobId);
      for (; !isTerminalJobStatus(status); { status } = await jobs.get(jobId)) await wait(LOOK_EVERY_MS);
      if (status !== 'completed') lost += 1;
    }
    return {
      outage_ms: Math.round(againAt - crashedAt),
      recovered_ms: Math.round(Math.max(0, againAt - backAt)),
      jobs_acknowledged: acknowledged.length,
      jobs_lost: lost,
    };
  } finally {
    await stack.close();
    await postgres.close();
  }
}
