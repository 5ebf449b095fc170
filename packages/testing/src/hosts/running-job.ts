import { setTimeout as wait } from 'node:timers/promises';
import { createApiClient } from '@prodigon/api-client';
import { isTerminalJobStatus, type JobResultLine } from '@prodigon/contracts';
import { echoOf } from '../fault-provider/paced-models.ts';
import { API_KEY } from './platform-hosts.ts';

export interface JobOutcome {
  readonly prompts: number;
  /** Prompts without a result, or with a result that is not the model's response. */
  readonly lost: number;
  /** Results beyond one for each prompt. */
  readonly doubled: number;
  /** Seconds from the submission to the end of the job. */
  readonly seconds: number;
}

export interface RunningJob {
  readonly prompts: readonly string[];
  /** Resolves when the job has ended, or rejects after `timeoutMs`. */
  finish(timeoutMs: number): Promise<JobOutcome>;
}

const PROMPTS = 400;
/** Three workers with 16 prompts each need 25 seconds. */
const MODEL = 'slow_3000';
const POLL_EVERY_MS = 250;

/** Submits a job through the first gateway. */
export async function startJob(gatewayUrls: readonly string[], name: string): Promise<RunningJob> {
  const prompts = Array.from({ length: PROMPTS }, (_, index) => `${name} item ${index}`);
  const startedAt = performance.now();
  const clients = gatewayUrls.map((baseUrl) => createApiClient({ baseUrl, apiKey: () => API_KEY }).jobs);
  const { job_id } = await firstOf((jobs) =>
    jobs.submitFile({ format: 'txt', bytes: new Blob([prompts.join('\n')]), options: { model: MODEL, name } }),
  );

  /** Tries the gateways in turn. */
  async function firstOf<Result>(use: (jobs: (typeof clients)[number]) => Promise<Result>): Promise<Result> {
    let error: unknown;
    for (const jobs of clients) {
      try {
        return await use(jobs);
      } catch (thrown) {
        error = thrown;
      }
    }
    throw error;
  }

  async function readResults(): Promise<JobResultLine[]> {
    return firstOf(async (jobs) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of jobs.results(job_id, 'all', AbortSignal.timeout(30_000))) chunks.push(chunk);
      const lines = Buffer.concat(chunks).toString('utf8').trimEnd().split('\n');
      return lines.map((line) => JSON.parse(line) as JobResultLine);
    });
  }

  return {
    prompts,
    async finish(timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        const job = await firstOf((jobs) => jobs.get(job_id, AbortSignal.timeout(5_000))).catch(() => undefined);
        if (job && isTerminalJobStatus(job.status)) break;
        if (performance.now() > deadline) throw new Error(`The job has not ended: ${JSON.stringify(job)}`);
        await wait(POLL_EVERY_MS);
      }
      const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
      const results = await readResults();
      const texts = new Map(results.map(({ prompt, response }) => [prompt, response?.body.text]));
      const lost = prompts.filter((prompt) => texts.get(prompt) !== echoOf(prompt)).length;
      return { prompts: prompts.length, lost, doubled: results.length - texts.size, seconds };
    },
  };
}
