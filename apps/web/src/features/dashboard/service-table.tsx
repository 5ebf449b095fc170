import { clsx } from 'clsx';
import type { ReactNode } from 'react';
import { formatDuration, formatMilliseconds } from '../../design/format.ts';
import { StatusIcon } from '../../design/icons.tsx';
import {
  type OverviewState,
  PROBES_MAX,
  type Probe,
  type ProbeStatus,
  processOf,
  type ServiceView,
  type ShownStatus,
} from './overview-state.ts';

const TEXT_COLORS: Record<ShownStatus, string> = {
  up: 'text-ok',
  recovered: 'text-warn',
  draining: 'text-warn',
  unready: 'text-bad',
  down: 'text-bad',
  unreachable: 'text-bad',
  unknown: 'text-text-3',
};

/** The status as people read it. */
export const statusLabel = (status: ShownStatus) => (status === 'unready' ? 'not ready' : status);

interface ServiceTableProps {
  services: readonly ServiceView[];
  history: OverviewState['history'];
}

/** A row for each service. Phones show only the status and the heartbeats. */
export function ServiceTable({ services, history }: ServiceTableProps) {
  return (
    <table className="tabular w-full text-left text-sm">
      <thead className="text-xs text-text-3 max-sm:sr-only">
        <tr className="border-b border-border">
          <HeadCell>Service</HeadCell>
          <HeadCell>Latest {PROBES_MAX} probes</HeadCell>
          <HeadCell isNumber>Latency</HeadCell>
          <HeadCell isNumber>Uptime</HeadCell>
          <HeadCell isNumber>Version</HeadCell>
          <HeadCell isNumber>{services.some(({ measured }) => measured?.hostname) ? 'Container' : 'PID'}</HeadCell>
        </tr>
      </thead>
      {services.map((service) => (
        <ServiceRows key={service.name} service={service} probes={history[service.name] ?? []} />
      ))}
    </table>
  );
}

function HeadCell({ isNumber = false, children }: { isNumber?: boolean; children: ReactNode }) {
  return (
    <th scope="col" className={clsx('px-3 py-2 font-medium first:pl-5 last:pr-5', isNumber && 'text-right')}>
      {children}
    </th>
  );
}

/** The measurements of a service and, below them, its problem. */
function ServiceRows({ service, probes }: { service: ServiceView; probes: readonly Probe[] }) {
  const { name, status, detail, measured, isStale } = service;
  const values = [
    measured?.latency_ms == null ? null : formatMilliseconds(measured.latency_ms),
    measured?.uptime_s == null ? null : formatDuration(measured.uptime_s),
    measured?.version ?? null,
    measured && processOf(measured),
  ];
  return (
    <tbody data-service={name} className="border-border not-last:border-b">
      <tr>
        <th scope="row" className="py-3 pr-3 pl-5 font-semibold whitespace-nowrap">
          {name}
          <span className={clsx('flex items-center gap-2 font-medium', TEXT_COLORS[status])}>
            <StatusIcon status={status} /> {statusLabel(status)}
          </span>
        </th>
        <td className="px-3 py-3 max-sm:pr-5">
          <HeartbeatStrip probes={probes} />
        </td>
        {values.map((value, index) => (
          <td
            // biome-ignore lint/suspicious/noArrayIndexKey: the columns never change.
            key={index}
            title={value ?? undefined}
            className={clsx('max-w-36 truncate px-3 py-3 text-right last:pr-5 max-sm:hidden', isStale && 'text-text-3')}
          >
            {value ?? '–'}
          </td>
        ))}
      </tr>
      {detail && (
        <tr>
          <td colSpan={6} className="px-5 pb-3 text-text-2">
            {detail}
          </td>
        </tr>
      )}
    </tbody>
  );
}

const BAR = { width: 4, gap: 2, height: 20 };

/** Height and fill carry the same status as the color: full is up, hollow is unknown, short is down. */
const BARS: Record<ProbeStatus, { color: string; height: number; isHollow: boolean }> = {
  up: { color: 'var(--ok)', height: 20, isHollow: false },
  draining: { color: 'var(--warn)', height: 13, isHollow: false },
  unready: { color: 'var(--bad)', height: 13, isHollow: false },
  down: { color: 'var(--bad)', height: 7, isHollow: false },
  unreachable: { color: 'var(--bad)', height: 7, isHollow: false },
  unknown: { color: 'var(--control)', height: 20, isHollow: true },
};

/** The latest probes of one service as bars, oldest on the left. */
function HeartbeatStrip({ probes }: { probes: readonly Probe[] }) {
  const width = PROBES_MAX * (BAR.width + BAR.gap) - BAR.gap;
  const first = PROBES_MAX - probes.length;
  return (
    <svg
      role="img"
      aria-label={probesLabel(probes)}
      viewBox={`0 0 ${width} ${BAR.height}`}
      className="h-5 w-full min-w-24 max-w-60"
      preserveAspectRatio="none"
    >
      {Array.from({ length: first }, (_, index) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no other identity.
          key={index}
          x={index * (BAR.width + BAR.gap)}
          y={BAR.height - 2}
          width={BAR.width}
          height={2}
          fill="var(--border)"
        />
      ))}
      {probes.map((probe, index) => {
        const { color, height, isHollow } = BARS[probe.status];
        const inset = isHollow ? 0.5 : 0;
        return (
          <rect
            key={probe.at}
            x={(first + index) * (BAR.width + BAR.gap) + inset}
            y={BAR.height - height + inset}
            width={BAR.width - inset * 2}
            height={height - inset * 2}
            rx={1}
            fill={isHollow ? 'none' : color}
            stroke={isHollow ? color : 'none'}
          >
            <title>{probeLabel(probe)}</title>
          </rect>
        );
      })}
    </svg>
  );
}

/** `14:05:09: up, 3 ms`. */
function probeLabel({ at, status, latencyMs }: Probe): string {
  const time = new Date(at).toLocaleTimeString('en', { hourCycle: 'h23' });
  return `${time}: ${statusLabel(status)}${latencyMs === null ? '' : `, ${formatMilliseconds(latencyMs)}`}`;
}

function probesLabel(probes: readonly Probe[]): string {
  if (probes.length === 0) return 'No probes yet';
  const counts = new Map<ProbeStatus, number>();
  for (const { status } of probes) counts.set(status, (counts.get(status) ?? 0) + 1);
  const parts = [...counts].map(([status, count]) => `${count} ${statusLabel(status)}`);
  return `Last ${probes.length} probes: ${parts.join(', ')}`;
}
