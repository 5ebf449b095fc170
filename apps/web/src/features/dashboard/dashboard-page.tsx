import { formatDuration } from '../../design/format.ts';
import { Notice } from '../../design/notice.tsx';
import { Scroller } from '../../design/scroller.tsx';
import { useNow } from '../../design/use-now.ts';
import { JobActivityPanel } from './job-activity.tsx';
import { servicesOf } from './overview-state.ts';
import { useOverview } from './overview-store.ts';
import { ServiceRow } from './service-row.tsx';
import { SystemFacts } from './system-facts.tsx';

/** What runs and how it is: only what was measured, with its age when it is old. */
export default function DashboardPage() {
  const state = useOverview();
  const now = useNow();
  const { overview, receivedAt, failure } = state;
  const services = servicesOf(state);
  const isStale = failure !== null;
  return (
    <Scroller>
      <div className="mx-auto flex max-w-5xl flex-col gap-6 px-4 py-8 sm:px-8">
        <header>
          <h1 className="text-2xl font-semibold tracking-tight">System</h1>
          <p className="mt-1 text-text-2">Every service as the gateway measured it, every 2 seconds.</p>
        </header>
        {failure !== null && (
          <Notice tone="bad" title="The gateway is unreachable">
            {failure}{' '}
            {receivedAt !== null && (
              <span className="tabular">What follows is {formatDuration((now - receivedAt) / 1_000)} old.</span>
            )}
          </Notice>
        )}
        {overview && <SystemFacts overview={overview} isStale={isStale} />}
        {services.length > 0 && (
          <section aria-labelledby="services" className="rounded-md border border-border">
            <h2 id="services" className="border-b border-border bg-surface px-5 py-3 font-semibold first:rounded-t-md">
              Services
            </h2>
            <ul className="divide-y divide-border">
              {services.map((service) => (
                <ServiceRow key={service.name} service={service} probes={state.history[service.name] ?? []} now={now} />
              ))}
            </ul>
          </section>
        )}
        {overview && <JobActivityPanel jobs={overview.jobs} isStale={isStale} />}
        {services.length === 0 && <p className="text-text-2">Asking the gateway…</p>}
      </div>
    </Scroller>
  );
}
