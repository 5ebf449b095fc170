import { AppError } from '@prodigon/contracts';
import { type Logger, logFailure } from '@prodigon/platform';

export interface PeriodicTaskOptions {
  /** Name in log messages, e.g. `claim items`. */
  name: string;
  /** A function is called before each pause. */
  everyMs: number | (() => number);
  /** Maximum delay of a retry after failures. */
  retryDelayMaxMs?: number;
  /** Returns true to run again immediately. */
  run: () => Promise<boolean | undefined> | Promise<void>;
  logger: Logger;
}

export interface PeriodicTask {
  start(): void;
  /** Runs the task soon, or once more after the current run. After a failure the retry delay still applies. */
  wake(): void;
  /** Resolves when the current run has ended. No further run follows. */
  stop(): Promise<void>;
}

const TASK_FAILED = 'Background task failed and will be retried';
const RETRY_DELAY_MAX_MS = 2_000;

/** Creates a task that runs periodically and never concurrently. Retries after failures with exponential backoff. */
export function createPeriodicTask({ name, everyMs, run, logger, ...options }: PeriodicTaskOptions): PeriodicTask {
  const { retryDelayMaxMs = RETRY_DELAY_MAX_MS } = options;
  let isStopped = false;
  let isWoken = false;
  let failures = 0;
  let endPause: () => void = () => {};
  let loop: Promise<void> = Promise.resolve();

  async function repeat(): Promise<void> {
    while (!isStopped) {
      isWoken = false;
      const shouldRepeat = await runOnce();
      if (!shouldRepeat && !(isWoken && failures === 0)) await pause();
    }
  }

  async function runOnce(): Promise<boolean> {
    try {
      const shouldRepeat = (await run()) === true;
      if (failures > 0) logger.info({ task: name, failures }, 'Background task recovered');
      failures = 0;
      return shouldRepeat;
    } catch (thrown) {
      const error = AppError.from(thrown);
      failures += 1;
      // Logs one message for each outage.
      if (failures === 1) logFailure(logger, { level: 'error', failure: error, fields: { task: name }, message: TASK_FAILED });
      return false;
    }
  }

  async function pause(): Promise<void> {
    if (isStopped) return;
    const intervalMs = typeof everyMs === 'function' ? everyMs() : everyMs;
    const ms = failures === 0 ? intervalMs : Math.min(retryDelayMaxMs, intervalMs * 2 ** failures);
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    endPause = resolve;
    await promise;
    clearTimeout(timer);
  }

  return {
    start() {
      loop = repeat();
    },
    wake() {
      isWoken = true;
      if (failures === 0) endPause();
    },
    async stop() {
      isStopped = true;
      endPause();
      await loop;
    },
  };
}
