import { classes } from './classes.ts';

export type StatusKind = 'up' | 'draining' | 'down' | 'unreachable' | 'unknown';

/** A shape and a colour each, so that neither is needed to tell them apart. */
const SHAPES: Record<StatusKind, { colour: string; path: string; filled: boolean }> = {
  up: { colour: 'text-ok', path: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2', filled: true },
  draining: { colour: 'text-warn', path: 'M8 2.5 14 13.5H2Z', filled: true },
  down: { colour: 'text-bad', path: 'M3.5 3.5 12.5 12.5M12.5 3.5 3.5 12.5', filled: false },
  unreachable: { colour: 'text-bad', path: 'M3.5 3.5 12.5 12.5M12.5 3.5 3.5 12.5', filled: false },
  unknown: { colour: 'text-text-3', path: 'M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3', filled: false },
};

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
