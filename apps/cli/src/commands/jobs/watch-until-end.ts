import { type ApiClient, watchJob } from '@prodigon/api-client';
import { isTerminalJobStatus, type Job } from '@prodigon/contracts';
import type { CommandContext } from '../../command.ts';
import { INTERRUPTED_EXIT_CODE, onInterruption } from '../../interrupt-signal.ts';
import { writeJson } from '../../write-json.ts';
import { describeOutcome, exitCodeOf } from './job-outcome.ts';
import { createJobProgressDisplay } from './job-progress-display.ts';

/**
 * Shows the progress of a job until it ends or Ctrl-C stops the display, unless `watch` is false. With `json`, prints the job
 * at the end. Returns the exit code.
 */
export async function reportJob(
  client: ApiClient,
  job: Job,
  { watch, json = false }: { watch: boolean; json?: boolean | undefined },
  context: CommandContext,
): Promise<number> {
  if (watch) return watchUntilEnd(client, job, json, context);
  return json ? writeJson(job, context) : 0;
}

async function watchUntilEnd(client: ApiClient, job: Job, json: boolean, context: CommandContext): Promise<number> {
  const abort = new AbortController();
  const removeListeners = onInterruption(() => abort.abort());
  const display = createJobProgressDisplay(context);
  let last = job;
  try {
    if (!isTerminalJobStatus(job.status)) {
      display.show(job);
      const events = watchJob(client, job.job_id, {
        signal: abort.signal,
        after: job.sequence,
        onConnection: display.setConnected,
      });
      for await (const { event, data } of events) {
        if (event !== 'job') continue;
        last = data.job;
        display.show(last);
      }
      if (!isTerminalJobStatus(last.status)) last = await client.jobs.get(job.job_id, abort.signal);
    }
    display.end();
    context.stderr.write(`${describeOutcome(last)}\n`);
    if (json) writeJson(last, context);
    return exitCodeOf(last);
  } catch (error) {
    display.end();
    if (!abort.signal.aborted) throw error;
    context.stderr.write(`${describeInterruption(job.job_id)}\n`);
    return INTERRUPTED_EXIT_CODE;
  } finally {
    removeListeners();
  }
}

/** Returns how to watch or cancel a job that continues. */
export const describeInterruption = (id: string) =>
  ['The job continues.', `  Watch   ./prodigon jobs watch ${id}`, `  Cancel  ./prodigon jobs cancel ${id}`].join('\n');
