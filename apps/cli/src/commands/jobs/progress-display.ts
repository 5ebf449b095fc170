import type { Job } from '@prodigon/contracts';
import type { CommandContext } from '../../command.ts';
import { finishedPrompts } from '../../format-numbers.ts';
import { toTerminalText } from '../../terminal-text.ts';
import { formatProgress } from './progress-line.ts';
import { createThroughputMeter } from './throughput-meter.ts';

export interface ProgressDisplay {
  show(job: Job): void;
  /** Shows whether the event stream is connected. */
  setConnected(isConnected: boolean): void;
  /** Moves the cursor to the start of a new line. */
  end(): void;
}

type Output = Pick<CommandContext, 'stderr' | 'terminal' | 'env'>;
const PLAIN_LINE_EVERY_MS = 10_000;
/** The least time between two redraws of a terminal. */
const DRAW_EVERY_MS = 100;
const FALLBACK_COLUMNS = 80;

/** Creates a display that redraws one line on a terminal, and writes a line every 10 s elsewhere. */
export function createProgressDisplay({ stderr, terminal, env }: Output, now = () => performance.now()): ProgressDisplay {
  return stderr.isTTY && env.TERM !== 'dumb' ? createLiveDisplay(terminal, now) : createPlainDisplay(stderr, now);
}

function createLiveDisplay(terminal: Output['terminal'], now: () => number): ProgressDisplay {
  const throughput = createThroughputMeter(now);
  let newest: Job | undefined;
  let isConnected = true;
  let drawnAt = Number.NEGATIVE_INFINITY;

  function draw() {
    if (!newest) return;
    drawnAt = now();
    const columns = terminal.columns || FALLBACK_COLUMNS;
    const line = formatProgress(newest, { columns, isConnected, itemsPerSecond: throughput.perSecond() });
    terminal.write(`\r${toTerminalText(line)}\u001b[K`);
  }

  return {
    show(job) {
      newest = job;
      throughput.record(finishedPrompts(job));
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

function createPlainDisplay(stderr: Output['stderr'], now: () => number): ProgressDisplay {
  const throughput = createThroughputMeter(now);
  let shownAt = Number.NEGATIVE_INFINITY;
  let shownStatus: string | undefined;
  let isConnected = true;
  return {
    show(job) {
      throughput.record(finishedPrompts(job));
      if (now() - shownAt < PLAIN_LINE_EVERY_MS && job.status === shownStatus) return;
      shownAt = now();
      shownStatus = job.status;
      stderr.write(`${formatProgress(job, { isConnected: true, itemsPerSecond: throughput.perSecond() })}\n`);
    },
    setConnected(connected) {
      if (connected === isConnected) return;
      isConnected = connected;
      stderr.write(connected ? 'Reconnected.\n' : 'Connection lost, reconnecting. The job continues.\n');
    },
    end() {},
  };
}
