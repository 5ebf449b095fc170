import { defineCommandGroup } from '../command.ts';
import { checkCommand } from './lab/check.ts';
import { exportCommand } from './lab/export.ts';
import { hintCommand } from './lab/hint.ts';
import { listCommand } from './lab/list.ts';
import { predictCommand } from './lab/predict.ts';
import { resetCommand } from './lab/reset.ts';
import { runCommand } from './lab/run.ts';
import { solutionCommand } from './lab/solution.ts';
import { startCommand } from './lab/start.ts';
import { statusCommand } from './lab/status.ts';
import { watchCommand } from './lab/watch.ts';

export const labCommand = defineCommandGroup('lab', {
  name: 'lab',
  summary: 'learn with the workshop: experiments and exercises',
  subcommands: [
    listCommand,
    startCommand,
    predictCommand,
    runCommand,
    watchCommand,
    checkCommand,
    hintCommand,
    solutionCommand,
    resetCommand,
    statusCommand,
    exportCommand,
  ],
  notes: [
    '<task> is a number such as 01 or 1, or a name such as rest-vs-grpc.',
    'Exit codes: 0 success. 1 a check failed. 2 invalid command line. 3 could not complete, e.g. because the platform\n  is not running or the workshop is off. 130 interrupted by Ctrl-C.',
  ],
});
