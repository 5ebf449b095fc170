import { REPOSITORY_ROOT } from '@prodigon/platform/configuration';
import { createLocalTaskRunner } from './local-task-runner.ts';
import { runRunnerProcess } from './run-runner-process.ts';

runRunnerProcess(createLocalTaskRunner({ repositoryFolder: REPOSITORY_ROOT }));
