/** npm hands on a Ctrl-C that the terminal has already sent to everybody: the copy is no second wish. */
const SAME_WISH_MS = 500;

/**
 * Calls `onSignal` for Ctrl-C, SIGTERM and a closed terminal, with how often it was asked for so far.
 * The returned function gives the signals back to the system.
 */
export function onInterruption(
  onSignal: (times: number, signal: NodeJS.Signals) => void,
  now = () => performance.now(),
): () => void {
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  let times = 0;
  let lastAt = Number.NEGATIVE_INFINITY;
  const listener = (signal: NodeJS.Signals) => {
    if (now() - lastAt < SAME_WISH_MS) return;
    lastAt = now();
    times += 1;
    onSignal(times, signal);
  };
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
