import { createLocalTaskRunner } from './local-task-runner.ts';
import { runRunnerProcess } from './run-runner-process.ts';

runRunnerProcess(createLocalTaskRunner());
