import type { SystemOverview } from '@prodigon/contracts';
import { clsx } from 'clsx';
import { formatCount, formatDuration } from '../../design/format.ts';
import { StatusIcon } from '../../design/icons.tsx';
import { LastUpdated } from '../../design/notice.tsx';
import { Page, Panel } from '../../design/page.tsx';
import { JobActivityPanel } from './job-activity.tsx';
import { GATEWAY, type OverviewState, type SystemVerdict, serviceViews, systemVerdict } from './overview-state.ts';
import { useOverview, useOverviewUpdates } from './overview-store.ts';
import { ServiceTable } from './service-table.tsx';

const POLL_INTERVAL_MS = 2_000;

/** Shows the measured state of the services and the job queue, with its age when it is not current. */
export default function DashboardPage() {
  useOverviewUpdates(POLL_INTERVAL_MS);
  const state = useOverview();
  const { overview, failure } = state;
  const services = serviceViews(state);
  const isStale = failure !== null;
  return (
    <Page
      above={<p className="text-sm text-text-2">Dashboard, updated every 2 seconds</p>}
      title={<Verdict {...systemVerdict(state)} />}
      lead={<SystemDescription state={state} />}
      actions={overview && <ActiveStreams streams={overview.streams} isStale={isStale} />}
    >
      {services.length > 0 && (
        <div className="grid items-start gap-6 min-[90rem]:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
          <Panel title="Services">
            <ServiceTable services={services} history={state.history} />
          </Panel>
          {overview && <JobActivityPanel jobs={overview.jobs} isStale={isStale} />}
        </div>
      )}
    </Page>
  );
}

function Verdict({ status, text }: SystemVerdict) {
  return (
    <span className="flex items-center gap-3">
      <StatusIcon status={status} size={20} /> <span className="first-letter:uppercase">{text}</span>
    </span>
  );
}

/** Describes the installation, and why its values are out of date. */
function SystemDescription({ state: { overview, receivedAt, failure } }: { state: OverviewState }) {
  return (
    <>
      {failure !== null && (
        <p role="alert">
          {failure} {receivedAt !== null && <LastUpdated receivedAt={receivedAt} />}
        </p>
      )}
      {overview && <p className="text-sm text-text-3">{describeInstallation(overview)}</p>}
    </>
  );
}

function ActiveStreams({ streams: { active, max }, isStale }: { streams: SystemOverview['streams']; isStale: boolean }) {
  return (
    <dl className={clsx('w-56 max-sm:w-full', isStale && 'text-text-3')}>
      <dt className="text-sm text-text-2">Active streams</dt>
      <dd className="tabular text-xl font-semibold tracking-tight">
        {formatCount(active)} <span className="text-sm font-normal text-text-3">of {formatCount(max)}</span>
      </dd>
      <dd aria-hidden="true" className="mt-1 h-1.5 overflow-hidden rounded-full bg-surface-2">
        <span className="block h-full rounded-full bg-accent-fill" style={{ width: `${(active / max) * 100}%` }} />
      </dd>
    </dl>
  );
}

/** Such as `up for 3 min · single process · default model prodigon-tutor · development · Prodigon 0.2.0 · Node 24.21.0`. */
function describeInstallation({ services, topology, default_model, environment, version, node_version }: SystemOverview): string {
  const uptime = services.find(({ name }) => name === GATEWAY)?.uptime_s;
  return [
    ...(uptime == null ? [] : [`up for ${formatDuration(uptime)}`]),
    topology === 'monolith' ? 'single process' : 'separate services',
    default_model === null ? 'no default model' : `default model ${default_model}`,
    environment,
    `Prodigon ${version}`,
    `Node ${node_version.replace(/^v/, '')}`,
  ].join(' · ');
}
