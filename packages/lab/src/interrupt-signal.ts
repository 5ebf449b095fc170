const INTERRUPTED_EXIT_CODE = 130;
/** npm forwards a Ctrl-C that the terminal has already sent to the whole process group. The copy does not count as a second signal. */
const DUPLICATE_SIGNAL_MS = 500;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `work` with a signal that Ctrl-C, SIGTERM or a closed terminal aborts, so that `work` can clean up. A second
 * signal ends the process immediately.
 */
export async function untilInterrupted<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  let firstAt = Number.NaN;
  const listener = () => {
    if (controller.signal.aborted && performance.now() - firstAt > DUPLICATE_SIGNAL_MS) process.exit(INTERRUPTED_EXIT_CODE);
    if (controller.signal.aborted) return;
    firstAt = performance.now();
    controller.abort(new Error('Interrupted.'));
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  try {
    return await work(controller.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, listener);
  }
}
