import { isTerminalJobStatus, type Job, type JobResultLine } from '@prodigon/contracts';
import { echoOf } from '@prodigon/testing';
import type { AcknowledgedJob } from './acknowledged-jobs.ts';

export interface JobCheck {
  /** The number of prompts without a result. */
  readonly lost: number;
  /** The number of duplicate results. */
  readonly doubled: number;
  readonly succeeded: number;
  /** Failed prompts of jobs that the client did not cancel, by error code. */
  readonly failed: Readonly<Record<string, number>>;
  /** Other deviations, one phrase each. */
  readonly problems: readonly string[];
}

/** Usage of each response of the provider that echoes prompts. */
const TOKENS = { prompt: 7, completion: 1 };

/** Compares a finished job and its results with the submission. */
export function checkJob({ prompts, followUp }: AcknowledgedJob, job: Job, lines: readonly JobResultLine[]): JobCheck {
  const indexes = new Set(lines.map(({ index }) => index));
  const known = prompts.filter((_, index) => indexes.has(index)).length;
  const succeeded = lines.filter(({ response }) => response);
  const failed: Record<string, number> = {};
  for (const { error } of lines) if (error && followUp !== 'cancel') failed[error.code] = (failed[error.code] ?? 0) + 1;
  const counted = job.completed_prompts + job.failed_prompts + job.cancelled_prompts;
  const problems = [
    !isTerminalJobStatus(job.status) && `its status is ${job.status}`,
    job.total_prompts !== prompts.length && `it has ${job.total_prompts} prompts instead of ${prompts.length}`,
    counted !== prompts.length && `its counts add up to ${counted} instead of ${prompts.length}`,
    job.completed_prompts !== succeeded.length && `it counts ${job.completed_prompts} responses and has ${succeeded.length}`,
    job.usage.completion_tokens !== TOKENS.completion * succeeded.length &&
      `it counts ${job.usage.completion_tokens} completion tokens`,
    job.usage.prompt_tokens !== TOKENS.prompt * succeeded.length && `it counts ${job.usage.prompt_tokens} prompt tokens`,
    ...succeeded.map(({ index, response }) => {
      const expected = echoOf(prompts[index] ?? '');
      return response?.body.text !== expected && `response ${index} is "${response?.body.text}" instead of "${expected}"`;
    }),
  ];
  return {
    lost: prompts.length - known,
    doubled: lines.length - known,
    succeeded: succeeded.length,
    failed,
    problems: problems.filter((each) => each !== false),
  };
}
