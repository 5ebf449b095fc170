import type { SystemOverview } from '@prodigon/contracts';
import { clsx } from 'clsx';
import type { ReactNode } from 'react';
import { LastUpdated, Notice } from '../../design/notice.tsx';
import { ScrollArea } from '../../design/page.tsx';
import { JobActivityPanel } from './job-activity.tsx';
import { serviceViews } from './overview-state.ts';
import { useOverview, useOverviewPolling } from './overview-store.ts';
import { ServiceRow } from './service-row.tsx';

const POLL_INTERVAL_MS = 2_000;

/** Shows the measured state of the services and the job queue, with its age when it is not current. */
export default function DashboardPage() {
  useOverviewPolling(POLL_INTERVAL_MS);
  const state = useOverview();
  const { overview, receivedAt, failure } = state;
  const services = serviceViews(state);
  const isStale = failure !== null;
  return (
    <ScrollArea>
      <div className="mx-auto flex max-w-5xl flex-col gap-6 px-4 py-8 sm:px-8">
        <header>
          <h1 className="text-2xl font-semibold tracking-tight">Dashboard</h1>
          <p className="mt-1 text-text-2">Services and batch jobs, updated every 2 seconds</p>
        </header>
        {failure !== null && (
          <Notice severity="bad" title="Gateway unreachable">
            {failure} {receivedAt !== null && <LastUpdated receivedAt={receivedAt} />}
          </Notice>
        )}
        {overview && <SystemSummary overview={overview} isStale={isStale} />}
        {services.length > 0 && (
          <section aria-labelledby="services" className="rounded-md border border-border">
            <h2 id="services" className="border-b border-border bg-surface px-5 py-3 font-semibold first:rounded-t-md">
              Services
            </h2>
            <ul className="divide-y divide-border">
              {services.map((service) => (
                <ServiceRow key={service.name} service={service} probes={state.history[service.name] ?? []} />
              ))}
            </ul>
          </section>
        )}
        {overview && <JobActivityPanel jobs={overview.jobs} isStale={isStale} />}
        {services.length === 0 && <p className="text-text-2">Loading…</p>}
      </div>
    </ScrollArea>
  );
}

const TOPOLOGIES: Record<SystemOverview['topology'], string> = {
  monolith: 'Single process',
  services: 'One process per service',
};

/** Greyed while the values are not current. */
function SystemSummary({ overview, isStale }: { overview: SystemOverview; isStale: boolean }) {
  const { active, max } = overview.streams;
  return (
    <dl className={clsx('grid gap-3 sm:grid-cols-3', isStale && 'text-text-3')}>
      <Tile label="Active streams" note={`limit ${max.toLocaleString('en')}`}>
        <span className="tabular">{active.toLocaleString('en')}</span>
        <span aria-hidden="true" className="mt-2 mb-1 block h-1.5 overflow-hidden rounded-full bg-surface-2">
          <span className="block h-full rounded-full bg-accent-fill" style={{ width: `${(active / max) * 100}%` }} />
        </span>
      </Tile>
      <Tile label="Topology" note={`${overview.environment}, Node ${overview.node_version.replace(/^v/, '')}`}>
        {TOPOLOGIES[overview.topology]}
      </Tile>
      <Tile label="Default model" note={`Prodigon ${overview.version}`}>
        {overview.default_model ?? 'None'}
      </Tile>
    </dl>
  );
}

function Tile({ label, note, children }: { label: string; note: string; children: ReactNode }) {
  return (
    <div className="flex flex-col rounded-md border border-border p-5">
      <dt className="text-sm text-text-2">{label}</dt>
      <dd className="mt-1 text-xl font-semibold tracking-tight wrap-anywhere">{children}</dd>
      <dd className="tabular mt-auto pt-2 text-sm text-text-3">{note}</dd>
    </div>
  );
}
