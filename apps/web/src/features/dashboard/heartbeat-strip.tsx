import { PROBES_KEPT, type Probe, type ProbeStatus } from './overview-state.ts';
import { STATUS_WORDS } from './status-words.ts';

const BAR = { width: 4, gap: 2, height: 20 };

/** Height and fill as well as colour: full is up, hollow is unknown, short is down. */
const BARS: Record<ProbeStatus, { colour: string; height: number; hollow: boolean }> = {
  up: { colour: 'var(--ok)', height: 20, hollow: false },
  draining: { colour: 'var(--warn)', height: 13, hollow: false },
  down: { colour: 'var(--bad)', height: 7, hollow: false },
  unreachable: { colour: 'var(--bad)', height: 7, hollow: false },
  unknown: { colour: 'var(--control)', height: 20, hollow: true },
};

/** The newest probes of one service, oldest at the left. */
export function HeartbeatStrip({ probes }: { probes: readonly Probe[] }) {
  const width = PROBES_KEPT * (BAR.width + BAR.gap) - BAR.gap;
  const first = PROBES_KEPT - probes.length;
  return (
    <svg
      role="img"
      aria-label={summary(probes)}
      viewBox={`0 0 ${width} ${BAR.height}`}
      className="h-5 w-full max-w-60"
      preserveAspectRatio="none"
    >
      {Array.from({ length: first }, (_, index) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: an empty place is its place.
          key={index}
          x={index * (BAR.width + BAR.gap)}
          y={BAR.height - 2}
          width={BAR.width}
          height={2}
          fill="var(--border)"
        />
      ))}
      {probes.map((probe, index) => {
        const { colour, height, hollow } = BARS[probe.status];
        const inset = hollow ? 0.5 : 0;
        return (
          <rect
            key={probe.at}
            x={(first + index) * (BAR.width + BAR.gap) + inset}
            y={BAR.height - height + inset}
            width={BAR.width - inset * 2}
            height={height - inset * 2}
            rx={1}
            fill={hollow ? 'none' : colour}
            stroke={hollow ? colour : 'none'}
          />
        );
      })}
    </svg>
  );
}

function summary(probes: readonly Probe[]): string {
  if (probes.length === 0) return 'Not probed yet';
  const counts = new Map<ProbeStatus, number>();
  for (const { status } of probes) counts.set(status, (counts.get(status) ?? 0) + 1);
  const parts = [...counts].map(([status, count]) => `${count} ${STATUS_WORDS[status]}`);
  return `The last ${probes.length} probes: ${parts.join(', ')}`;
}
