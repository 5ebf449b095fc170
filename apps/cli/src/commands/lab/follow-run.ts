import { AppError } from '@prodigon/contracts';
import type { ActivityStatus } from '@prodigon/contracts/workshop';
import type { CommandContext } from '../../command.ts';
import { onInterruption } from '../../interrupt-signal.ts';
import { createProgressDisplay, type LineOptions } from '../../progress-display.ts';

export interface FollowedActivity {
  readonly status: ActivityStatus;
  readonly queue_position: number;
}

export interface RunSource<Run extends FollowedActivity> {
  /** The newest known state. */
  readonly run: Run;
  /** Yields the state after each change, until the run has ended. */
  watch(signal: AbortSignal, onConnection: (isOpen: boolean) => void): AsyncGenerator<Run>;
  get(signal: AbortSignal): Promise<Run>;
  /** Stops the run on Ctrl-C. Without it, Ctrl-C only stops the display. */
  readonly cancel: ((signal: AbortSignal) => Promise<unknown>) | undefined;
  format(run: Run, options: LineOptions): string;
  phaseOf(run: Run): string;
}

export interface FollowResult<Run> {
  readonly run: Run;
  readonly isInterrupted: boolean;
}

export const hasEnded = ({ status }: FollowedActivity): boolean => status !== 'queued' && status !== 'running';

/**
 * Shows the progress of a run until it ends. The first Ctrl-C stops the run; the second one returns immediately. Without
 * `cancel`, the first one returns immediately.
 */
export async function followRun<Run extends FollowedActivity>(
  source: RunSource<Run>,
  context: CommandContext,
): Promise<FollowResult<Run>> {
  const abort = new AbortController();
  const { signal } = abort;
  let { run } = source;
  let isInterrupted = false;
  const display = createProgressDisplay<Run>(context, { ...source, continuation: 'The run continues.' });
  const removeListeners = onInterruption((times) => {
    isInterrupted = true;
    if (!source.cancel || times > 1) return abort.abort();
    display.end();
    context.stderr.write('Stopping the run. Press Ctrl-C again to exit immediately.\n');
    source.cancel(signal).catch((error: unknown) => abort.abort(error));
  });
  try {
    if (!hasEnded(run)) {
      display.show(run);
      for await (const state of source.watch(signal, display.setConnected)) {
        run = state;
        display.show(run);
      }
      if (!hasEnded(run)) run = await source.get(signal);
    }
  } catch (error) {
    if (!signal.aborted || signal.reason instanceof AppError) throw error;
  } finally {
    display.end();
    removeListeners();
  }
  return { run, isInterrupted };
}

/** Returns the activities ahead of a queued run, e.g. `queued, 1 ahead`. */
export const describeQueue = (position: number): string => (position === 0 ? 'queued, starts next' : `queued, ${position} ahead`);
