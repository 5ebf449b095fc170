import { setTimeout as wait } from 'node:timers/promises';
import type { ApiClient } from '@prodigon/api-client';
import { isTerminalJobStatus, type Job } from '@prodigon/contracts';
import type { AcknowledgedJob, AcknowledgedJobs } from './acknowledged-jobs.ts';
import { checkJob } from './check-job.ts';
import { readResults } from './read-results.ts';
import { untilAccepted } from './until-accepted.ts';

/** Beyond the lease of the last worker that was killed, and what queued up meanwhile. */
const ENDS_WITHIN_MS = 180_000;
const LOOK_EVERY_MS = 500;
const PAGE = 200;
const PROBLEMS_MAX = 20;

export interface JobsReport {
  readonly acknowledged: number;
  /** Submissions of which nobody was told whether they were taken. */
  readonly unknown: number;
  readonly without_end: number;
  /** Jobs that nobody asked for, or that stand for a second time. */
  readonly surplus: number;
  readonly items: number;
  readonly items_lost: number;
  readonly items_recorded_twice: number;
  readonly items_succeeded: number;
  readonly items_failed: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

/** Waits until each job that was acknowledged is over, and looks at what is recorded of each of its prompts. */
export async function verifyJobs(
  client: ApiClient,
  acknowledgedJobs: AcknowledgedJobs,
  signal: AbortSignal,
): Promise<JobsReport> {
  const deadlineMs = performance.now() + ENDS_WITHIN_MS;
  const problems: string[] = [];
  const failed: Record<string, number> = {};
  let [withoutEnd, lost, doubled, succeeded] = [0, 0, 0, 0];
  for (const acknowledged of acknowledgedJobs.acknowledged) {
    const job = await ended(client, acknowledged, deadlineMs, signal);
    if (!isTerminalJobStatus(job.status)) withoutEnd += 1;
    const check = checkJob(acknowledged, job, await untilAccepted(() => readResults(client, job.job_id, signal)));
    lost += check.lost;
    doubled += check.doubled;
    succeeded += check.succeeded;
    for (const [code, count] of Object.entries(check.failed)) failed[code] = (failed[code] ?? 0) + count;
    problems.push(...check.problems.map((problem) => `job ${job.job_id}: ${problem}`));
  }
  const known = new Set(acknowledgedJobs.acknowledged.map(({ jobId }) => jobId));
  const strangers = (await listJobs(client, signal)).filter((jobId) => !known.has(jobId)).length;
  return {
    acknowledged: known.size,
    unknown: acknowledgedJobs.unknown,
    without_end: withoutEnd,
    surplus: Math.max(0, strangers - acknowledgedJobs.unknown),
    items: acknowledgedJobs.acknowledged.reduce((sum, { prompts }) => sum + prompts.length, 0),
    items_lost: lost,
    items_recorded_twice: doubled,
    items_succeeded: succeeded,
    items_failed: failed,
    problems: problems.slice(0, PROBLEMS_MAX),
  };
}

async function ended({ jobs }: ApiClient, { jobId }: AcknowledgedJob, deadlineMs: number, signal: AbortSignal): Promise<Job> {
  for (;;) {
    const job = await untilAccepted(() => jobs.get(jobId, signal));
    if (isTerminalJobStatus(job.status) || performance.now() > deadlineMs) return job;
    await wait(LOOK_EVERY_MS, undefined, { signal });
  }
}

async function listJobs({ jobs }: ApiClient, signal: AbortSignal): Promise<string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const page = await untilAccepted(() => jobs.list({ limit: PAGE, after }, signal));
    ids.push(...page.jobs.map(({ job_id }) => job_id));
    after = page.next_after ?? undefined;
  } while (after !== undefined);
  return ids;
}
