import type { JobActivity } from '@prodigon/contracts';
import { clsx } from 'clsx';
import { Link } from 'wouter';
import { formatCount, formatDuration, formatLatency, formatTimestamp } from '../../design/format.ts';
import { StatusIcon } from '../../design/icons.tsx';
import { Panel } from '../../design/page.tsx';
import { HEARTBEAT_OVERDUE_MS } from './worker-silence.ts';

type Quantiles = JobActivity['wait_ms'];

/** The job queue and its workers. `jobs` is null if no worker service was reachable. */
export function JobActivityPanel({ jobs, isStale }: { jobs: JobActivity | null; isStale: boolean }) {
  return (
    <Panel
      title="Batch jobs"
      aside={
        <Link href="/jobs" className="rounded-sm text-sm text-accent underline-offset-3 hover:underline">
          All jobs
        </Link>
      }
    >
      {jobs === null ? (
        <p className="px-5 py-4 text-text-2">Unavailable: no worker service is reachable.</p>
      ) : (
        <div className={clsx(isStale && 'text-text-3 grayscale')}>
          <Totals jobs={jobs} />
          <p className="tabular border-t border-border px-5 py-2.5 text-sm text-text-3">
            Totals since {formatTimestamp(jobs.since)}, when the worker started
          </p>
          <Workers workers={jobs.workers} />
        </div>
      )}
    </Panel>
  );
}

function Totals({ jobs }: { jobs: JobActivity }) {
  const { waiting, running, oldest_ms, succeeded_total, failed_total, claimed_total, retries_total, lease_expiries_total } = jobs;
  const finished = `${formatCount(succeeded_total)} succeeded, ${formatCount(failed_total)} failed`;
  const tiles = [
    [
      'Queued',
      formatCount(waiting),
      'prompts',
      oldest_ms > 0 ? `oldest job ${formatDuration(oldest_ms / 1_000)} old` : 'no open jobs',
    ],
    ['Running', formatCount(running), 'prompts', `${formatCount(claimed_total)} claimed in total`],
    ['Queue time', ...quantileTile(jobs.wait_ms)],
    ['Attempt duration', ...quantileTile(jobs.run_ms)],
    ['Retries', formatCount(retries_total), '', finished],
    ['Expired leases', formatCount(lease_expiries_total), '', 'requeued from unresponsive workers'],
  ] as const;
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden bg-border sm:grid-cols-3">
      {tiles.map(([label, value, unit, note]) => (
        <div key={label} className="bg-bg px-5 py-4">
          <dt className="text-sm text-text-2">{label}</dt>
          <dd className="tabular mt-0.5 text-xl font-semibold tracking-tight">
            <span className="whitespace-nowrap">{value}</span>{' '}
            {unit && <span className="text-sm font-normal tracking-normal text-text-2">{unit}</span>}
          </dd>
          <dd className="tabular mt-1 text-sm text-text-3">{note}</dd>
        </div>
      ))}
    </dl>
  );
}

function quantileTile(quantiles: Quantiles): readonly [string, string, string] {
  if (quantiles === null) return ['–', '', 'no recent prompts'];
  return [formatLatency(quantiles.p50), '', `median, p95 ${formatLatency(quantiles.p95)}`];
}

function Workers({ workers }: { workers: JobActivity['workers'] }) {
  if (workers.length === 0) return <p className="border-t border-border px-5 py-4 text-text-2">No recent worker heartbeat</p>;
  return (
    <ul aria-label="Workers" className="divide-y divide-border border-t border-border">
      {workers.map(({ name, running, last_seen_ms }) => (
        <li key={name} className="tabular flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-2.5 text-sm">
          <StatusIcon status={last_seen_ms > HEARTBEAT_OVERDUE_MS ? 'failing' : 'up'} />
          <span className="min-w-0 flex-1 font-medium wrap-anywhere">{name}</span>
          <span className="text-text-2">{formatCount(running)} running</span>
          <span className={last_seen_ms > HEARTBEAT_OVERDUE_MS ? 'font-medium text-warn' : 'text-text-3'}>
            {last_seen_ms > HEARTBEAT_OVERDUE_MS ? `no heartbeat for ${formatLatency(last_seen_ms)}` : 'heartbeat on time'}
          </span>
        </li>
      ))}
    </ul>
  );
}
