import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  ArmStartError,
  describeExperiment,
  type Experiment,
  MeasuredProcessEndedError,
  runExperiment,
  sweepLabFolders,
} from '@prodigon/lab';
import { checkTask, loadTaskChecks } from '@prodigon/lab/exercise';
import { RunnerError, type TaskRunner } from './task-runner.ts';

/** Creates the runner that loads the code of tasks into this process. `repositoryFolder` is the folder of all packages. */
export function createLocalTaskRunner({ repositoryFolder }: { repositoryFolder: string }): TaskRunner {
  return {
    describeExperiment: async (folder) => describeExperiment(await loadExperiment(folder)),
    async describeChecks(folder) {
      const { checks } = await loadTaskChecks(folder);
      return checks.map(({ id, title, stage }) => ({ id, title, stage }));
    },
    async runExperiment({ folder, ...options }, { signal, onProgress, onPoint }) {
      const { points, estimates, verdict, environment } = await runExperiment(await loadExperiment(folder), {
        ...options,
        signal,
        onEvent: (event) => (event.type === 'progress' ? onProgress(event.progress) : onPoint(event.point)),
      }).catch((error: unknown) => {
        throw toRunnerError(error);
      });
      return { points, estimates, verdict, environment };
    },
    async runChecks({ folder, learnerFolder, seed, only }, { signal, onResult }) {
      const { problem } = await checkTask({
        ...{ taskFolder: folder, learnerFolder, repositoryFolder, seed, signal, onResult },
        only: only ?? undefined,
      });
      return { problem };
    },
    async sweep() {
      await sweepLabFolders();
    },
  };
}

/** Returns an error with a sentence for the learner if the cause is known, else the same error. */
function toRunnerError(error: unknown): unknown {
  if (error instanceof MeasuredProcessEndedError)
    return new RunnerError('A process of the measured platforms ended during the run.', { cause: error });
  if (error instanceof ArmStartError)
    return new RunnerError(`${error.message} The log of the lab service has the reason.`, { cause: error });
  return error;
}

async function loadExperiment(folder: string): Promise<Experiment> {
  return (await import(pathToFileURL(join(folder, 'experiment.ts')).href)).default as Experiment;
}
