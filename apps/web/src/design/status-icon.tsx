import { classes } from './classes.ts';

interface Shape {
  colour: string;
  path: string;
  filled: boolean;
}

const DISC: Shape = { colour: 'text-ok', path: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2', filled: true };
const TRIANGLE: Shape = { colour: 'text-warn', path: 'M8 2.5 14 13.5H2Z', filled: true };
const BARS: Shape = { colour: 'text-warn', path: 'M5 3v10M11 3v10', filled: false };
const CROSS: Shape = { colour: 'text-bad', path: 'M3.5 3.5 12.5 12.5M12.5 3.5 3.5 12.5', filled: false };
const RING: Shape = { colour: 'text-text-3', path: 'M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3', filled: false };

/** A shape and a colour each, so that neither is needed to tell them apart. */
const SHAPES = {
  up: DISC,
  ok: DISC,
  draining: TRIANGLE,
  failing: TRIANGLE,
  limited: BARS,
  down: CROSS,
  unreachable: CROSS,
  unavailable: CROSS,
  unknown: RING,
} as const satisfies Record<string, Shape>;

export type StatusKind = keyof typeof SHAPES;

export function StatusMark({ status, size = 12 }: { status: StatusKind; size?: number }) {
  const { colour, path, filled } = SHAPES[status];
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      className={classes('shrink-0', colour)}
      fill={filled ? 'currentColor' : 'none'}
      stroke="currentColor"
      strokeWidth={filled ? 0 : 3}
      strokeLinecap="round"
    >
      <path d={path} />
    </svg>
  );
}
