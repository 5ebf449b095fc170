import { clsx } from 'clsx';

interface Shape {
  color: string;
  path: string;
  isFilled: boolean;
}

const DISC: Shape = { color: 'text-ok', path: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2', isFilled: true };
const TRIANGLE: Shape = { color: 'text-warn', path: 'M8 2.5 14 13.5H2Z', isFilled: true };
const BARS: Shape = { color: 'text-warn', path: 'M5 3v10M11 3v10', isFilled: false };
const CROSS: Shape = { color: 'text-bad', path: 'M3.5 3.5 12.5 12.5M12.5 3.5 3.5 12.5', isFilled: false };
const RING: Shape = { color: 'text-text-3', path: 'M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3', isFilled: false };

/** Each status has its own shape as well as its color, so that color alone never carries the meaning. */
const SHAPES = {
  up: DISC,
  ok: DISC,
  draining: TRIANGLE,
  recovered: TRIANGLE,
  failing: TRIANGLE,
  limited: BARS,
  unready: CROSS,
  down: CROSS,
  unreachable: CROSS,
  unavailable: CROSS,
  unknown: RING,
} as const satisfies Record<string, Shape>;

export type StatusKind = keyof typeof SHAPES;

export function StatusIcon({ status, size = 12 }: { status: StatusKind; size?: number }) {
  const { color, path, isFilled } = SHAPES[status];
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      className={clsx('shrink-0', color)}
      fill={isFilled ? 'currentColor' : 'none'}
      stroke="currentColor"
      strokeWidth={isFilled ? 0 : 3}
      strokeLinecap="round"
    >
      <path d={path} />
    </svg>
  );
}

/** Prodigon's logo, the same as the favicon. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg aria-hidden="true" width={size} height={size} viewBox="0 0 32 32" fill="none">
      <rect width="32" height="32" rx="8" fill="#4f46e5" />
      <path d="M10 25V8.5h6.5a5.5 5.5 0 0 1 0 11H10" stroke="#fff" strokeWidth="3" strokeLinecap="round" strokeLinejoin="round" />
      <circle cx="23.5" cy="24" r="2" fill="#a5a6ff" />
    </svg>
  );
}
