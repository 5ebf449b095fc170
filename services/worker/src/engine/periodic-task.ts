import { AppError } from '@prodigon/contracts';
import { describeCause, type Logger } from '@prodigon/platform';

export interface RepeatingTaskOptions {
  /** In sentences of the log, e.g. `claiming items`. */
  what: string;
  everyMs: number;
  /** Returns true when it should run again at once. */
  run: () => Promise<boolean | undefined> | Promise<void>;
  logger: Logger;
}

const LONGEST_PAUSE_MS = 2_000;

/** Does one thing again and again, never twice at a time. What fails is tried again, and logged once until it works. */
export class RepeatingTask {
  readonly #options: RepeatingTaskOptions;
  #isStopped = false;
  #failures = 0;
  #wake: () => void = () => {};
  #isWoken = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: RepeatingTaskOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop = this.#repeat();
  }

  /** Runs it soon, or once more after the run that is under way. */
  wake(): void {
    this.#isWoken = true;
    // While it fails it keeps its distance.
    if (this.#failures === 0) this.#wake();
  }

  /** Resolves when no run is under way and none will follow. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#wake();
    await this.#loop;
  }

  async #repeat(): Promise<void> {
    while (!this.#isStopped) {
      this.#isWoken = false;
      const isWanted = await this.#runOnce();
      if (!isWanted && !(this.#isWoken && this.#failures === 0)) await this.#pause();
    }
  }

  async #runOnce(): Promise<boolean> {
    const { run, what, logger } = this.#options;
    try {
      const isWanted = (await run()) === true;
      if (this.#failures > 0) logger.info(`It works again: ${what}`);
      this.#failures = 0;
      return isWanted;
    } catch (thrown) {
      const error = AppError.from(thrown);
      this.#failures += 1;
      if (this.#failures === 1) logger.error({ code: error.code, ...describeCause(error) }, `Failed, and tried again: ${what}`);
      return false;
    }
  }

  async #pause(): Promise<void> {
    const { everyMs } = this.#options;
    const ms = this.#failures === 0 ? everyMs : Math.min(LONGEST_PAUSE_MS, everyMs * 2 ** Math.min(this.#failures, 10));
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#wake = resolve;
    if (this.#isStopped) resolve();
    await promise;
    clearTimeout(timer);
    this.#wake = () => {};
  }
}
