import { RunnerError, type TaskRunner } from './task-runner.ts';

/** Creates the runner that loads the code of tasks into this process. */
export function createLocalTaskRunner(): TaskRunner {
  const reject = async () => {
    throw new RunnerError('This task has no experiment.');
  };
  return { describeExperiment: reject, describeChecks: reject, runExperiment: reject, runChecks: reject };
}
