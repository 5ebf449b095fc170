import { realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { LearnerDriver } from './learner-messages.ts';
import { type LearnerLimits, type LearnerProcess, startLearnerProcess } from './learner-process.ts';

export interface LearnerSessionOptions {
  readonly driver: string;
  readonly learnerFolder: string;
  readonly label: string;
  readonly repositoryFolder: string;
  readonly limits: LearnerLimits;
}

/** One process with the learner's code at a time. */
export interface LearnerSession {
  /** Returns the running process, or starts one if there is none. Rejects when the code cannot be loaded. */
  acquire(): Promise<LearnerProcess>;
  /** Stops the process. The next case starts another one. */
  stop(): Promise<void>;
}

export function createLearnerSession(options: LearnerSessionOptions): LearnerSession {
  const { driver, label, repositoryFolder, limits } = options;
  let current: LearnerProcess | null = null;

  const stop = async () => {
    const stopped = current;
    current = null;
    await stopped?.stop();
  };

  return {
    acquire: async () => {
      if (!current) {
        const { module } = (await import(pathToFileURL(driver).href)).default as LearnerDriver;
        // Stack traces have the real path.
        const folder = { path: realpathSync(options.learnerFolder), label };
        const started = startLearnerProcess({ driver, module, folder, repositoryFolder, limits });
        current = started;
        started.problem.catch(() => {
          if (current === started) current = null;
        });
      }
      await current.loaded;
      return current;
    },
    stop,
  };
}
