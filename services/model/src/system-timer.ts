/** Calls back once after a delay in milliseconds. Returns a function that cancels the call. */
export type Timer = (delayMs: number, callback: () => void) => () => void;

/** A timer that does not keep the process running. */
export const systemTimer: Timer = (delayMs, callback) => {
  const timer = setTimeout(callback, delayMs).unref();
  return () => clearTimeout(timer);
};
