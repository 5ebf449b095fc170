import { clsx } from 'clsx';
import { formatDuration, formatMilliseconds } from '../../design/format.ts';
import { StatusIcon } from '../../design/icons.tsx';
import { PROBES_MAX, type Probe, type ProbeStatus, type ServiceView, type ShownStatus } from './overview-state.ts';

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

interface ServiceRowProps {
  service: ServiceView;
  probes: readonly Probe[];
}

export function ServiceRow({ service, probes }: ServiceRowProps) {
  const { name, status, detail, measured, isStale } = service;
  const values = [
    ['Latency', measured?.latency_ms == null ? null : formatMilliseconds(measured.latency_ms)],
    ['Uptime', measured?.uptime_s == null ? null : formatDuration(measured.uptime_s)],
    ['Version', measured?.version ?? null],
    ['PID', measured?.pid == null ? null : String(measured.pid)],
  ] as const;
  return (
    <li data-service={name} className="grid gap-x-6 gap-y-3 px-5 py-4 lg:grid-cols-[7rem_15rem_1fr]">
      <div>
        <h3 className="font-semibold">{name}</h3>
        <p className={clsx('flex items-center gap-2 text-sm font-medium', TEXT_COLORS[status])}>
          <StatusIcon status={status} /> {statusLabel(status)}
        </p>
      </div>
      <div className="self-center">
        <HeartbeatStrip probes={probes} />
      </div>
      <dl
        className={clsx(
          'tabular self-center grid grid-cols-[repeat(auto-fill,minmax(5rem,1fr))] gap-x-4 gap-y-2 text-sm',
          isStale && 'text-text-3',
        )}
      >
        {values.map(([label, value]) => (
          <div key={label}>
            <dt className="text-xs text-text-3">{label}</dt>
            <dd>{value ?? '–'}</dd>
          </div>
        ))}
      </dl>
      {detail && <p className="text-sm text-text-2 lg:col-span-3">{detail}</p>}
    </li>
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
      className="h-5 w-full max-w-60"
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
