import type { Job } from '@prodigon/contracts';
import type { CommandContext } from '../../command.ts';
import { settledOf } from './format-numbers.ts';
import { createPace } from './pace.ts';
import { formatProgress } from './progress-line.ts';

export interface ProgressDisplay {
  show(job: Job): void;
  /** Whether the events come. */
  setConnected(isConnected: boolean): void;
  /** Leaves the terminal at the beginning of a line. */
  end(): void;
}

type Output = Pick<CommandContext, 'stderr' | 'env'>;
const PLAIN_LINE_EVERY_MS = 10_000;
/** What a terminal is drawn again for. */
const DRAW_EVERY_MS = 100;
const FALLBACK_COLUMNS = 80;

/** One line that changes on a terminal; elsewhere a line now and then. */
export function createProgressDisplay({ stderr, env }: Output, now = () => performance.now()): ProgressDisplay {
  return stderr.isTTY && env.TERM !== 'dumb' ? createLiveDisplay(stderr, now) : createPlainDisplay(stderr, now);
}

function createLiveDisplay(stderr: Output['stderr'], now: () => number): ProgressDisplay {
  const pace = createPace(now);
  let newest: Job | undefined;
  let isConnected = true;
  let drawnAt = Number.NEGATIVE_INFINITY;

  function draw() {
    if (!newest) return;
    drawnAt = now();
    const columns = stderr.columns || FALLBACK_COLUMNS;
    stderr.write(`\r${formatProgress(newest, { columns, isConnected, itemsPerSecond: pace.perSecond() })}\u001b[K`);
  }

  return {
    show(job) {
      newest = job;
      pace.record(settledOf(job));
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
      stderr.write('\n');
    },
  };
}

function createPlainDisplay(stderr: Output['stderr'], now: () => number): ProgressDisplay {
  const pace = createPace(now);
  let shownAt = Number.NEGATIVE_INFINITY;
  let shownStatus: string | undefined;
  let isConnected = true;
  return {
    show(job) {
      pace.record(settledOf(job));
      if (now() - shownAt < PLAIN_LINE_EVERY_MS && job.status === shownStatus) return;
      shownAt = now();
      shownStatus = job.status;
      stderr.write(`${formatProgress(job, { isConnected: true, itemsPerSecond: pace.perSecond() })}\n`);
    },
    setConnected(connected) {
      if (connected === isConnected) return;
      isConnected = connected;
      stderr.write(connected ? 'Connected again.\n' : 'The connection is lost, trying again. The job goes on.\n');
    },
    end() {},
  };
}
