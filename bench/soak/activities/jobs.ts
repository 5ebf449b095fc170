import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type ApiClient, watchJob } from '@prodigon/api-client';
import { AppError, isTerminalJobStatus, type Job } from '@prodigon/contracts';
import type { AcknowledgedJob } from '../acknowledged-jobs.ts';
import { checkJob } from '../check-job.ts';
import { readResults } from '../read-results.ts';
import { retryUntilAccepted } from '../retry-until-accepted.ts';
import { ABANDONED, classifyError, RIGHT, type Verdict, wrong } from '../verdict.ts';
import type { Activity } from './activity.ts';
import { eventOrder } from './event-order.ts';
import { type JobPlan, planJob } from './job-plan.ts';

/** Submits a job until the platform accepts it, and then watches it to its end, cancels it or does nothing. */
export const runJob: Activity = async ({ client, random, prompt, acknowledgedJobs, over }) => {
  const plan = planJob(random, prompt);
  let job: AcknowledgedJob;
  try {
    const jobIds = await submit(client, plan);
    const [jobId = ''] = jobIds;
    job = { jobId, prompts: plan.prompts, followUp: plan.followUp };
    acknowledgedJobs.acknowledge(job);
    if (jobIds.some((each) => each !== jobId)) return wrong('one idempotency key created two jobs');
  } catch (error) {
    acknowledgedJobs.recordUnknown();
    return classifyError(error);
  }
  try {
    if (plan.followUp === 'watch') return await watchToEnd(client, job, over);
    if (plan.followUp === 'none') return ABANDONED;
    await wait(plan.cancelAfterMs);
    return await cancel(client, job);
  } catch (error) {
    return over.aborted && error === over.reason ? ABANDONED : classifyError(error);
  }
};

/** Submits the job once or twice concurrently. Resolves with the job ids, which must be equal. */
function submit({ jobs }: ApiClient, { prompts, model, isFile, isSentTwice }: JobPlan): Promise<string[]> {
  const idempotencyKey = randomUUID();
  const send = (): Promise<Job> =>
    isFile
      ? jobs.submitFile({
          format: 'txt',
          bytes: new Blob(prompts.map((each) => `${each}\n`)),
          options: { model },
          idempotencyKey,
        })
      : jobs.submit({ prompts: [...prompts], model }, { idempotencyKey });
  const times = isSentTwice ? 2 : 1;
  return Promise.all(Array.from({ length: times }, () => retryUntilAccepted(send).then(({ job_id }) => job_id)));
}

/** Watches a job to its end. Item events must be ordered, and each item must reach a terminal state once, before the watch ends. */
async function watchToEnd(client: ApiClient, job: AcknowledgedJob, over: AbortSignal): Promise<Verdict> {
  let lastId: string | undefined = ':0';
  const terminal = new Set<number>();
  for await (const { event, data, id } of watchJob(client, job.jobId, { after: 0, signal: over })) {
    if (event !== 'item') continue;
    if (!(eventOrder(id) > eventOrder(lastId))) return wrong(`event ${id} came after event ${lastId}`);
    lastId = id;
    if (data.status !== 'succeeded' && data.status !== 'failed') continue;
    if (terminal.has(data.index)) return wrong(`prompt ${data.index} reached a terminal state twice`);
    terminal.add(data.index);
  }
  if (terminal.size !== job.prompts.length)
    return wrong(`${terminal.size} of ${job.prompts.length} prompts reached a terminal state`);
  const state = await retryUntilAccepted(() => client.jobs.get(job.jobId));
  const { lost, doubled, problems } = checkJob(job, state, await retryUntilAccepted(() => readResults(client, job.jobId)));
  return lost + doubled + problems.length === 0 ? RIGHT : wrong(`${lost} lost, ${doubled} doubled; ${problems.join(', ')}`);
}

async function cancel({ jobs }: ApiClient, { jobId }: AcknowledgedJob): Promise<Verdict> {
  try {
    const { status, cancelling } = await retryUntilAccepted(() => jobs.cancel(jobId));
    return cancelling || isTerminalJobStatus(status) ? RIGHT : wrong(`a cancelled job is ${status}`);
  } catch (error) {
    // The job ended before the cancellation.
    if (error instanceof AppError && error.code === 'CONFLICT') return RIGHT;
    throw error;
  }
}
