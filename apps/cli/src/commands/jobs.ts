import { defineCommandGroup } from '../command.ts';
import { cancelCommand } from './jobs/cancel.ts';
import { deleteCommand } from './jobs/delete.ts';
import { listCommand } from './jobs/list.ts';
import { resultsCommand } from './jobs/results.ts';
import { retryCommand } from './jobs/retry.ts';
import { showCommand } from './jobs/show.ts';
import { submitCommand } from './jobs/submit.ts';
import { watchCommand } from './jobs/watch.ts';

export const jobsCommand = defineCommandGroup('jobs', {
  name: 'jobs',
  summary: 'submit, watch and manage batch jobs',
  subcommands: [
    submitCommand,
    listCommand,
    showCommand,
    watchCommand,
    resultsCommand,
    cancelCommand,
    retryCommand,
    deleteCommand,
  ],
  notes: [
    'Six or more characters from the start or the end of an id are enough if they are unique among the newest\n  jobs. Results, ids and JSON go to standard output, everything else to standard error.',
  ],
});
