import { setTimeout as wait } from 'node:timers/promises';
import type { ApiClient } from '@prodigon/api-client';
import { isTerminalJobStatus, type Job } from '@prodigon/contracts';
import type { AcknowledgedJob, AcknowledgedJobs } from './acknowledged-jobs.ts';
import { checkJob } from './check-job.ts';
import { readResults } from './read-results.ts';
import { retryUntilAccepted } from './retry-until-accepted.ts';

/** Covers the lease of the last killed worker and the backlog. */
const COMPLETION_TIMEOUT_MS = 180_000;
const POLL_INTERVAL_MS = 500;
const PAGE_SIZE = 200;
const PROBLEMS_MAX = 20;

export interface JobsReport {
  readonly acknowledged: number;
  /** The number of submissions without acknowledgement. */
  readonly unknown: number;
  readonly without_end: number;
  /** The number of duplicate jobs and of jobs that were never submitted. */
  readonly surplus: number;
  readonly items: number;
  readonly items_lost: number;
  readonly items_recorded_twice: number;
  readonly items_succeeded: number;
  readonly items_failed: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

/** Waits until each acknowledged job has ended and verifies the result of each prompt. */
export async function verifyJobs(
  client: ApiClient,
  acknowledgedJobs: AcknowledgedJobs,
  signal: AbortSignal,
): Promise<JobsReport> {
  const deadlineMs = performance.now() + COMPLETION_TIMEOUT_MS;
  const problems: string[] = [];
  const failed: Record<string, number> = {};
  let [withoutEnd, lost, doubled, succeeded] = [0, 0, 0, 0];
  for (const acknowledged of acknowledgedJobs.acknowledged) {
    const job = await waitForEnd(client, acknowledged, deadlineMs, signal);
    if (!isTerminalJobStatus(job.status)) withoutEnd += 1;
    const check = checkJob(acknowledged, job, await retryUntilAccepted(() => readResults(client, job.job_id, signal)));
    lost += check.lost;
    doubled += check.doubled;
    succeeded += check.succeeded;
    for (const [code, count] of Object.entries(check.failed)) failed[code] = (failed[code] ?? 0) + count;
    problems.push(...check.problems.map((problem) => `job ${job.job_id}: ${problem}`));
  }
  const known = new Set(acknowledgedJobs.acknowledged.map(({ jobId }) => jobId));
  const unrecognized = (await listJobs(client, signal)).filter((jobId) => !known.has(jobId)).length;
  return {
    acknowledged: known.size,
    unknown: acknowledgedJobs.unknown,
    without_end: withoutEnd,
    surplus: Math.max(0, unrecognized - acknowledgedJobs.unknown),
    items: acknowledgedJobs.acknowledged.reduce((sum, { prompts }) => sum + prompts.length, 0),
    items_lost: lost,
    items_recorded_twice: doubled,
    items_succeeded: succeeded,
    items_failed: failed,
    problems: problems.slice(0, PROBLEMS_MAX),
  };
}

async function waitForEnd(
  { jobs }: ApiClient,
  { jobId }: AcknowledgedJob,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<Job> {
  for (;;) {
    const job = await retryUntilAccepted(() => jobs.get(jobId, signal));
    if (isTerminalJobStatus(job.status) || performance.now() > deadlineMs) return job;
    await wait(POLL_INTERVAL_MS, undefined, { signal });
  }
}

async function listJobs({ jobs }: ApiClient, signal: AbortSignal): Promise<string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const page = await retryUntilAccepted(() => jobs.list({ limit: PAGE_SIZE, after }, signal));
    ids.push(...page.jobs.map(({ job_id }) => job_id));
    after = page.next_after ?? undefined;
  } while (after !== undefined);
  return ids;
}
