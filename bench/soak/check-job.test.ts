import type { Job, JobResultLine } from '@prodigon/contracts';
import { echoOf } from '@prodigon/testing';
import { expect, it } from 'vitest';
import type { AcknowledgedJob } from './acknowledged-jobs.ts';
import { checkJob } from './check-job.ts';

const submitted: AcknowledgedJob = { jobId: 'job', prompts: ['a', 'b', 'c'], followUp: 'watch' };
const usage = (count: number) => ({ prompt_tokens: 7 * count, completion_tokens: count, total_tokens: 8 * count });
const job = (completed: number, failed = 0) =>
  ({
    status: 'completed',
    total_prompts: 3,
    completed_prompts: completed,
    failed_prompts: failed,
    cancelled_prompts: 3 - completed - failed,
    usage: usage(completed),
  }) as Job;
const line = (index: number, text = echoOf(submitted.prompts[index] ?? '')) =>
  ({ index, response: { body: { text } }, error: null }) as JobResultLine;
const failure = (index: number) => ({ index, response: null, error: { code: 'INFERENCE_ERROR' } }) as JobResultLine;

it('accepts a job with a response for each prompt', () => {
  expect(checkJob(submitted, job(3), [line(0), line(1), line(2)])).toEqual({
    lost: 0,
    doubled: 0,
    succeeded: 3,
    failed: {},
    problems: [],
  });
});

it('counts prompts without a result and duplicate results', () => {
  expect(checkJob(submitted, job(3), [line(0), line(1), line(1)])).toMatchObject({ lost: 1, doubled: 1 });
  expect(checkJob(submitted, job(3), [line(0), line(1), line(2), line(0)])).toMatchObject({ lost: 0, doubled: 1 });
});

it('distinguishes failed prompts from prompts that were cancelled with their job', () => {
  expect(checkJob(submitted, job(2, 1), [line(0), failure(1), line(2)])).toMatchObject({
    failed: { INFERENCE_ERROR: 1 },
    problems: [],
  });
  expect(checkJob({ ...submitted, followUp: 'cancel' }, job(2), [line(0), failure(1), line(2)])).toMatchObject({
    failed: {},
    problems: [],
  });
});

it('reports a response for another prompt and inconsistent counts', () => {
  expect(checkJob(submitted, job(3), [line(0), line(1, echoOf('c')), line(2)]).problems).toHaveLength(1);
  expect(checkJob(submitted, { ...job(3), usage: usage(4) }, [line(0), line(1), line(2)]).problems).toHaveLength(2);
  expect(checkJob(submitted, { ...job(3), status: 'running' }, [line(0), line(1), line(2)]).problems).toEqual([
    'its status is running',
  ]);
});
