import type { Job } from '@prodigon/contracts';
import { asOneLine } from '../../terminal-text.ts';
import { formatCost, formatCount, formatSeconds } from './format-numbers.ts';

/** How a job ended, and what can be done with it now. */
export function describeOutcome(job: Job): string {
  const { job_id: id, status, total_prompts: total, completed_prompts: completed, failed_prompts: failed } = job;
  const seconds = job.started_at && job.completed_at ? (Date.parse(job.completed_at) - Date.parse(job.started_at)) / 1000 : null;
  const figures = [
    `${formatCount(completed)} of ${formatCount(total)} answered`,
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
    ...(job.cancelled_prompts > 0 ? [`${formatCount(job.cancelled_prompts)} given up`] : []),
    `${formatCount(job.usage.total_tokens)} tokens`,
    ...(job.cost_usd === null ? [] : [formatCost(job.cost_usd)]),
    ...(seconds === null ? [] : [`in ${formatSeconds(seconds)}`]),
  ];
  return [
    `Job ${status}: ${figures.join(', ')}.`,
    ...(job.error === null ? [] : [asOneLine(job.error, 500)]),
    ...(completed > 0 ? [`  Results         prodigon jobs results ${id}`] : []),
    ...(failed > 0 ? [`  What failed     prodigon jobs results ${id} --failed`] : []),
    ...(completed < total ? [`  Ask these again prodigon jobs retry ${id}`] : []),
  ].join('\n');
}

/** 0 when every prompt has its answer. */
export const exitCodeOf = ({ status, completed_prompts: completed, total_prompts: total }: Job): number =>
  status === 'completed' && completed === total ? 0 : 1;
