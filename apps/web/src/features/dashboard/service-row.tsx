import { classes } from '../../design/classes.ts';
import { formatDuration, formatMilliseconds } from '../../design/format.ts';
import { StatusMark } from '../../design/status-icon.tsx';
import { HeartbeatStrip } from './heartbeat-strip.tsx';
import type { Probe, ProbeStatus, ServiceView } from './overview-state.ts';
import { STATUS_WORDS } from './status-words.ts';

const COLOURS: Record<ProbeStatus, string> = {
  up: 'text-ok',
  draining: 'text-warn',
  down: 'text-bad',
  unreachable: 'text-bad',
  unknown: 'text-text-3',
};

interface ServiceRowProps {
  service: ServiceView;
  probes: readonly Probe[];
  now: number;
}

export function ServiceRow({ service, probes, now }: ServiceRowProps) {
  const { name, status, detail, measured, isStale } = service;
  const facts = [
    ['Round trip', measured?.latency_ms == null ? null : formatMilliseconds(measured.latency_ms)],
    ['Uptime', measured?.uptime_s == null ? null : formatDuration(measured.uptime_s)],
    ['Version', measured?.version ?? null],
    ['Process', measured?.pid == null ? null : String(measured.pid)],
    ['Checked', measured ? `${formatDuration(Math.max(0, now - Date.parse(measured.checked_at)) / 1_000)} ago` : null],
  ] as const;
  return (
    <li data-service={name} className="grid gap-x-6 gap-y-3 px-5 py-4 lg:grid-cols-[7rem_15rem_1fr]">
      <div>
        <h3 className="font-semibold">{name}</h3>
        <p className={classes('flex items-center gap-2 text-sm font-medium', COLOURS[status])}>
          <StatusMark status={status} /> {STATUS_WORDS[status]}
        </p>
      </div>
      <div className="self-center">
        <HeartbeatStrip probes={probes} />
      </div>
      <dl
        className={classes(
          'tabular self-center grid grid-cols-[repeat(auto-fill,minmax(5rem,1fr))] gap-x-4 gap-y-2 text-sm',
          isStale && 'text-text-3',
        )}
      >
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt className="text-xs text-text-3">{label}</dt>
            <dd>{value ?? 'not measured'}</dd>
          </div>
        ))}
      </dl>
      {detail && <p className="text-sm text-text-2 lg:col-span-3">{detail}</p>}
    </li>
  );
}
