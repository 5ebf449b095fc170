import { setTimeout as wait } from 'node:timers/promises';
import { createApiClient } from '@prodigon/api-client';
import { isTerminalJobStatus } from '@prodigon/contracts';
import { startLabStack } from '@prodigon/lab';
import { startTestPostgres } from '@prodigon/testing';

const MODEL = 'prodigon-sim?ttft_ms=0&tokens_per_s=5000&tokens=5';
const BEFORE_MS = 1_000;
const POLL_INTERVAL_MS = 2;

export type RestartedDatabaseTimes = {
  /** Time from the crash of the database to the next acknowledged job. */
  readonly outage_ms: number;
  /** The part of the outage after the database was available again. */
  readonly recovered_ms: number;
  readonly jobs_acknowledged: number;
  readonly jobs_lost: number;
};

/** Runs `pg_ctl restart -m immediate` while a client submits jobs sequentially, and measures the outage. */
export async function measureRestartedDatabase(): Promise<RestartedDatabaseTimes> {
  const postgres = await startTestPostgres();
  const stack = await startLabStack({ topology: 'services', env: { DATABASE_URL: postgres.url, USE_MOCK: 'true' } });
  try {
    const acknowledged: { jobId: string; at: number }[] = [];
    let isOver = false;
    const submit = async () => {
      const response = await fetch(`${stack.url}/api/v1/jobs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ prompts: ['Hi'], model: MODEL }),
      });
      const body = (await response.json()) as { job_id: string };
      if (response.status === 202) acknowledged.push({ jobId: body.job_id, at: performance.now() });
      else if (response.status !== 503) throw new Error(`A job submission returned ${response.status}.`);
    };
    const submitting = (async () => {
      for (; !isOver; await wait(POLL_INTERVAL_MS)) await submit();
    })();
    await wait(BEFORE_MS);
    await postgres.stop('immediate');
    const crashedAt = performance.now();
    await postgres.restart();
    const availableAt = performance.now();
    while (!acknowledged.some(({ at }) => at > crashedAt)) await wait(POLL_INTERVAL_MS);
    const recoveredAt = acknowledged.find(({ at }) => at > crashedAt)?.at ?? Number.NaN;
    isOver = true;
    await submitting;

    const { jobs } = createApiClient({ baseUrl: stack.url });
    let lost = 0;
    for (const { jobId } of acknowledged) {
      let { status } = await jobs.get(jobId);
      for (; !isTerminalJobStatus(status); { status } = await jobs.get(jobId)) await wait(POLL_INTERVAL_MS);
      if (status !== 'completed') lost += 1;
    }
    return {
      outage_ms: Math.round(recoveredAt - crashedAt),
      recovered_ms: Math.round(Math.max(0, recoveredAt - availableAt)),
      jobs_acknowledged: acknowledged.length,
      jobs_lost: lost,
    };
  } finally {
    await stack.close();
    await postgres.close();
  }
}
