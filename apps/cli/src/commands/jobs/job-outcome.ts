import { JOB_STATUS_LABELS, type Job } from '@prodigon/contracts';
import { formatCost, formatCount, formatSeconds } from '../../format-numbers.ts';
import { asOneLine } from '../../terminal-text.ts';

/** Describes how a job ended, and lists the commands that apply to it. */
export function describeOutcome(job: Job): string {
  const { job_id: id, status, total_prompts: total, completed_prompts: completed, failed_prompts: failed } = job;
  const seconds = job.started_at && job.completed_at ? (Date.parse(job.completed_at) - Date.parse(job.started_at)) / 1000 : null;
  const figures = [
    `${formatCount(completed)} of ${formatCount(total)} succeeded`,
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
    ...(job.cancelled_prompts > 0 ? [`${formatCount(job.cancelled_prompts)} cancelled`] : []),
    `${formatCount(job.usage.total_tokens)} tokens`,
    ...(job.cost_usd === null ? [] : [formatCost(job.cost_usd)]),
    ...(seconds === null ? [] : [`in ${formatSeconds(seconds)}`]),
  ];
  return [
    `Job ${JOB_STATUS_LABELS[status].toLowerCase()}: ${figures.join(', ')}.`,
    ...(job.error === null ? [] : [asOneLine(job.error, 500)]),
    ...(completed > 0 ? [`  Results         ./prodigon jobs results ${id}`] : []),
    ...(failed > 0 ? [`  Failed prompts  ./prodigon jobs results ${id} --failed`] : []),
    ...(completed < total ? [`  Retry           ./prodigon jobs retry ${id}`] : []),
  ].join('\n');
}

/** Returns 0 when every prompt has a response, else 1. */
export const exitCodeOf = ({ status, completed_prompts: completed, total_prompts: total }: Job): number =>
  status === 'completed' && completed === total ? 0 : 1;
