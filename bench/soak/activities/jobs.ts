import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type ApiClient, watchJob } from '@prodigon/api-client';
import { AppError, isTerminalJobStatus, type Job } from '@prodigon/contracts';
import type { AcknowledgedJob } from '../acknowledged-jobs.ts';
import { checkJob } from '../check-job.ts';
import { readResults } from '../read-results.ts';
import { untilAccepted } from '../until-accepted.ts';
import { classifyError, LEFT, RIGHT, type Verdict, wrong } from '../verdict.ts';
import type { Activity } from './activity.ts';
import { eventOrder } from './event-order.ts';
import { type JobPlan, planJob } from './job-plan.ts';

/** Submits a job until it is taken, and then watches it to its end, cancels it or leaves it alone. */
export const workWithJob: Activity = async ({ client, random, prompt, acknowledgedJobs, over }) => {
  const plan = planJob(random, prompt);
  let job: AcknowledgedJob;
  try {
    const jobIds = await submit(client, plan);
    const [jobId = ''] = jobIds;
    job = { jobId, prompts: plan.prompts, fate: plan.fate };
    acknowledgedJobs.acknowledge(job);
    if (jobIds.some((each) => each !== jobId)) return wrong('one key has made two jobs');
  } catch (error) {
    acknowledgedJobs.forget();
    return classifyError(error);
  }
  try {
    if (plan.fate === 'watched') return await watchToEnd(client, job, over);
    if (plan.fate === 'left alone') return LEFT;
    await wait(plan.cancelAfterMs);
    return await cancel(client, job);
  } catch (error) {
    return over.aborted && error === over.reason ? LEFT : classifyError(error);
  }
};

/** The ids that it got, which have to be one. */
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
  return Promise.all(Array.from({ length: times }, () => untilAccepted(send).then(({ job_id }) => job_id)));
}

/** Each change has to be told once, in order, and the end only when everything is settled. */
async function watchToEnd(client: ApiClient, job: AcknowledgedJob, over: AbortSignal): Promise<Verdict> {
  let lastId: string | undefined = ':0';
  const settled = new Set<number>();
  for await (const { event, data, id } of watchJob(client, job.jobId, { after: 0, signal: over })) {
    if (event !== 'item') continue;
    if (!(eventOrder(id) > eventOrder(lastId))) return wrong(`event ${id} came after event ${lastId}`);
    lastId = id;
    if (data.status !== 'succeeded' && data.status !== 'failed') continue;
    if (settled.has(data.index)) return wrong(`prompt ${data.index} was told to be settled twice`);
    settled.add(data.index);
  }
  if (settled.size !== job.prompts.length)
    return wrong(`${settled.size} of ${job.prompts.length} prompts were told to be settled`);
  const state = await untilAccepted(() => client.jobs.get(job.jobId));
  const { lost, doubled, problems } = checkJob(job, state, await untilAccepted(() => readResults(client, job.jobId)));
  return lost + doubled + problems.length === 0 ? RIGHT : wrong(`${lost} lost, ${doubled} doubled; ${problems.join(', ')}`);
}

async function cancel({ jobs }: ApiClient, { jobId }: AcknowledgedJob): Promise<Verdict> {
  try {
    const { status, cancelling } = await untilAccepted(() => jobs.cancel(jobId));
    return cancelling || isTerminalJobStatus(status) ? RIGHT : wrong(`a job that was cancelled is ${status}`);
  } catch (error) {
    // It was over before.
    if (error instanceof AppError && error.code === 'CONFLICT') return RIGHT;
    throw error;
  }
}
