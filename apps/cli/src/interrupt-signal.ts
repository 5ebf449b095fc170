export const INTERRUPTED_EXIT_CODE = 130;

/** Ignores duplicate signals within this time: npm forwards a Ctrl-C that the terminal also sends to the process group. */
const DUPLICATE_WINDOW_MS = 500;

/**
 * Calls `onSignal` for Ctrl-C, SIGTERM and a closed terminal, with the number of signals so far. Returns a function that
 * removes the listeners.
 */
export function onInterruption(
  onSignal: (times: number, signal: NodeJS.Signals) => void,
  now = () => performance.now(),
): () => void {
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  let times = 0;
  let lastAt = Number.NEGATIVE_INFINITY;
  const listener = (signal: NodeJS.Signals) => {
    if (now() - lastAt < DUPLICATE_WINDOW_MS) return;
    lastAt = now();
    times += 1;
    onSignal(times, signal);
  };
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
