import type { CommandContext } from './command.ts';
import { toTerminalText } from './terminal-text.ts';

export interface ProgressDisplay<State> {
  show(state: State): void;
  /** Shows whether the event stream is connected. */
  setConnected(isConnected: boolean): void;
  /** Moves the cursor to the start of a new line. */
  end(): void;
}

export interface LineOptions {
  /** The width of the terminal. Without it, the line has no bar and no limit. */
  readonly columns?: number | undefined;
  readonly isConnected: boolean;
}

export interface ProgressFormat<State> {
  format(state: State, options: LineOptions): string;
  /** A change of it writes a line immediately where no terminal redraws the line. */
  phaseOf(state: State): string;
  /** What continues while the connection is lost, e.g. `The job continues.` */
  readonly continuation: string;
}

type Output = Pick<CommandContext, 'stderr' | 'terminal' | 'env'>;
const PLAIN_LINE_EVERY_MS = 10_000;
/** The least time between two redraws of a terminal. */
const DRAW_EVERY_MS = 100;
const FALLBACK_COLUMNS = 80;

/** Creates a display that redraws one line on a terminal, and writes a line every 10 s elsewhere. */
export function createProgressDisplay<State>(
  { stderr, terminal, env }: Output,
  format: ProgressFormat<State>,
  now = () => performance.now(),
): ProgressDisplay<State> {
  return stderr.isTTY && env.TERM !== 'dumb' ? createLiveDisplay(terminal, format, now) : createPlainDisplay(stderr, format, now);
}

function createLiveDisplay<State>(
  terminal: Output['terminal'],
  { format }: ProgressFormat<State>,
  now: () => number,
): ProgressDisplay<State> {
  let newest: { readonly state: State } | undefined;
  let isConnected = true;
  let drawnAt = Number.NEGATIVE_INFINITY;

  function draw() {
    if (!newest) return;
    drawnAt = now();
    const line = format(newest.state, { columns: terminal.columns || FALLBACK_COLUMNS, isConnected });
    terminal.write(`\r${toTerminalText(line)}\u001b[K`);
  }

  return {
    show(state) {
      newest = { state };
      if (now() - drawnAt >= DRAW_EVERY_MS) draw();
    },
    setConnected(connected) {
      if (connected === isConnected) return;
      isConnected = connected;
      draw();
    },
    end() {
      if (!newest) return;
      draw();
      terminal.write('\n');
    },
  };
}

function createPlainDisplay<State>(
  stderr: Output['stderr'],
  { format, phaseOf, continuation }: ProgressFormat<State>,
  now: () => number,
): ProgressDisplay<State> {
  let shownAt = Number.NEGATIVE_INFINITY;
  let shownPhase: string | undefined;
  let isConnected = true;
  return {
    show(state) {
      const phase = phaseOf(state);
      if (now() - shownAt < PLAIN_LINE_EVERY_MS && phase === shownPhase) return;
      shownAt = now();
      shownPhase = phase;
      stderr.write(`${format(state, { isConnected: true })}\n`);
    },
    setConnected(connected) {
      if (connected === isConnected) return;
      isConnected = connected;
      stderr.write(connected ? 'Reconnected.\n' : `Connection lost, reconnecting. ${continuation}\n`);
    },
    end() {},
  };
}
