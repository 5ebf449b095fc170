import type { ApiClient } from '@prodigon/api-client';
import type { Job, JobOptionsInput } from '@prodigon/contracts';
import type { CommandContext } from '../../command.ts';
import { onInterruption } from '../../interrupt-signal.ts';
import type { CheckedJobFile } from './job-file.ts';
import { describeInterruption } from './watch-until-end.ts';

/**
 * Submits a file. Returns undefined after Ctrl-C, which leaves nothing running: before the whole file is sent it stops the
 * upload, and the platform creates no job. After that, a job may exist; its response has the id to cancel. A second Ctrl-C
 * does not wait for the response.
 */
export async function submitJobFile(
  client: ApiClient,
  { file, options, context }: { file: CheckedJobFile; options: JobOptionsInput; context: CommandContext },
): Promise<Job | undefined> {
  const abort = new AbortController();
  const { signal } = abort;
  let isSent = false;
  let isInterrupted = false;
  const removeListeners = onInterruption((times) => {
    isInterrupted = true;
    if (!isSent || times > 1) abort.abort();
  });
  const onSent = () => {
    isSent = true;
  };
  let job: Job | undefined;
  try {
    job = await client.jobs.submitFile({ format: file.format, bytes: file.blob, options, signal, onSent });
    if (!isInterrupted) return job;
    await client.jobs.cancel(job.job_id, signal);
    context.stderr.write(`Interrupted. The job ${job.job_id} is cancelled.\n`);
  } catch (error) {
    if (!signal.aborted) throw error;
    context.stderr.write(`${describeAbort(job, isSent)}\n`);
  } finally {
    removeListeners();
  }
  return undefined;
}

function describeAbort(job: Job | undefined, isSent: boolean): string {
  if (job) return describeInterruption(job.job_id);
  return isSent
    ? 'Interrupted while submitting. Check whether the job exists: ./prodigon jobs list'
    : 'Interrupted. Nothing was submitted.';
}
