import { type ApiClient, watchJob } from '@prodigon/api-client';
import { isTerminalJobStatus, type Job } from '@prodigon/contracts';
import type { CommandContext } from '../../command.ts';
import { onInterruption } from '../../interrupt-signal.ts';
import { describeOutcome, exitCodeOf } from './job-outcome.ts';
import { createProgressDisplay } from './progress-display.ts';

export const INTERRUPTED_EXIT_CODE = 130;

/** Shows how a job goes on until it is over or nobody wants to see it any more. Returns the exit code. */
export async function watchUntilEnd(client: ApiClient, job: Job, context: CommandContext): Promise<number> {
  const leaving = new AbortController();
  const giveSignalsBack = onInterruption(() => leaving.abort());
  const display = createProgressDisplay(context);
  let last = job;
  try {
    if (!isTerminalJobStatus(job.status)) {
      display.show(job);
      const events = watchJob(client, job.job_id, {
        signal: leaving.signal,
        after: job.sequence,
        onConnection: display.setConnected,
      });
      for await (const { event, data } of events) {
        if (event !== 'job') continue;
        last = data.job;
        display.show(last);
      }
      if (!isTerminalJobStatus(last.status)) last = await client.jobs.get(job.job_id, leaving.signal);
    }
    display.end();
    context.stderr.write(`${describeOutcome(last)}\n`);
    return exitCodeOf(last);
  } catch (error) {
    display.end();
    if (!leaving.signal.aborted) throw error;
    context.stderr.write(`${describeLeaving(job.job_id)}\n`);
    return INTERRUPTED_EXIT_CODE;
  } finally {
    giveSignalsBack();
  }
}

const describeLeaving = (id: string) =>
  ['The job goes on.', `  Watch it   prodigon jobs watch ${id}`, `  Cancel it  prodigon jobs cancel ${id}`].join('\n');
