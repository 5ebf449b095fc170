import type { ProcessReport } from './describe-processes.ts';
import type { Tally } from './tally.ts';
import type { JobsReport } from './verify-jobs.ts';

/** Prints the tables of a finished run. */
export function printSoak(tally: Tally, jobs: JobsReport | null, processes: readonly ProcessReport[]): void {
  console.table(tally.byActivity);
  for (const [reason, count] of Object.entries(tally.reasons)) process.stdout.write(`  ${count} × ${reason}\n`);
  for (const example of tally.wrong) process.stdout.write(`  wrong: ${example}\n`);
  if (jobs) process.stdout.write(`${JSON.stringify(jobs, null, 2)}\n`);
  console.table(Object.fromEntries(processes.map((report) => [report.name, rowOf(report)])));
}

function rowOf({ lives, heap_mb, heap_mb_per_hour: trend, ...report }: ProcessReport) {
  const rounded = (value: number) => (Number.isFinite(value) ? Number(value.toFixed(2)) : 'none');
  const perHour = (each: ProcessReport['heap_mb_per_hour']) =>
    each ? `${rounded(each.slope)} (${each.interval.map(rounded).join(' to ')})` : '';
  return {
    lives,
    'heap, MB': `${rounded(heap_mb.median)} (${rounded(heap_mb.min)} to ${rounded(heap_mb.max)})`,
    'heap, MB an hour': perHour(trend),
    'slope of the heap': trend?.verdict ?? '',
    'code, MB an hour': perHour(report.code_mb_per_hour),
    'external, MB an hour': perHour(report.external_mb_per_hour),
    'RSS, MB': rounded(report.resident_mb.median),
    handles: report.resources.median,
    'handles, an hour': perHour(report.resources_per_hour),
    'loop delay p99, ms': `${rounded(report.event_loop_delay_p99_ms.median)} (max ${rounded(report.event_loop_delay_p99_ms.max)})`,
  };
}
