import { isTerminalJobStatus, type Job, type JobResultLine } from '@prodigon/contracts';
import { echoOf } from '@prodigon/testing';
import type { AcknowledgedJob } from './acknowledged-jobs.ts';

export interface JobCheck {
  /** Prompts of which nothing is recorded. */
  readonly lost: number;
  /** Results beyond the one that each prompt gets. */
  readonly doubled: number;
  readonly succeeded: number;
  /** Recorded as failed though nobody cancelled them, by the code of their error. */
  readonly failed: Readonly<Record<string, number>>;
  /** What else is not as it has to be. */
  readonly problems: readonly string[];
}

/** Each answer's usage at the provider that repeats prompts. */
const TOKENS = { prompt: 7, completion: 1 };

/** Holds a job that is over, and its results, against what was submitted. */
export function checkJob({ prompts, fate }: AcknowledgedJob, job: Job, lines: readonly JobResultLine[]): JobCheck {
  const indexes = new Set(lines.map(({ index }) => index));
  const known = prompts.filter((_, index) => indexes.has(index)).length;
  const succeeded = lines.filter(({ response }) => response);
  const failed: Record<string, number> = {};
  for (const { error } of lines) if (error && fate !== 'cancelled') failed[error.code] = (failed[error.code] ?? 0) + 1;
  const counted = job.completed_prompts + job.failed_prompts + job.cancelled_prompts;
  const problems = [
    !isTerminalJobStatus(job.status) && `it is ${job.status}`,
    job.total_prompts !== prompts.length && `it has ${job.total_prompts} prompts instead of ${prompts.length}`,
    counted !== prompts.length && `its numbers add up to ${counted} instead of ${prompts.length}`,
    job.completed_prompts !== succeeded.length && `it counts ${job.completed_prompts} answers and has ${succeeded.length}`,
    job.usage.completion_tokens !== TOKENS.completion * succeeded.length && `it counts ${job.usage.completion_tokens} tokens`,
    job.usage.prompt_tokens !== TOKENS.prompt * succeeded.length && `it counts ${job.usage.prompt_tokens} tokens of prompts`,
    ...succeeded.map(({ index, response }) => {
      const expected = echoOf(prompts[index] ?? '');
      return response?.body.text !== expected && `answer ${index} is "${response?.body.text}" instead of "${expected}"`;
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
