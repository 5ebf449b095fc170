import type { LabStatus } from '@prodigon/contracts/workshop';
import { JSON_OPTION } from '../../command-line-arguments.ts';
import { findTask } from './find-task.ts';
import { followCheckRun } from './follow-check-run.ts';
import { followLabRun } from './follow-lab-run.ts';
import { defineLabCommand, LAB_EXIT_CODES } from './lab-command.ts';
import { completeTaskOnly } from './task-completion.ts';

export const watchCommand = defineLabCommand({
  name: 'watch',
  parameters: '[<task>]',
  summary: 'show a running experiment or running checks; Ctrl-C stops only the display',
  options: JSON_OPTION,
  complete: completeTaskOnly,
  notes: ['Without a task, the command shows the running experiment or checks.'],
  async run({ values, positionals }, context, { workshop }) {
    const named = positionals.length > 0 ? await findTask(workshop, positionals) : undefined;
    const { activities } = await workshop.getLabStatus({});
    const activity = activities.find(({ task }) => named === undefined || task === named.id);
    if (!activity) {
      context.stderr.write('No experiment or check is running.\n');
      return LAB_EXIT_CODES.couldNotRun;
    }
    const options = { isStoppable: false, json: values.json };
    const task = await workshop.getTask({ task: activity.task });
    if (isExperiment(activity)) {
      const run = await workshop.getLabRun({ lab: task.lab, run: activity.id });
      return followLabRun(workshop, run, options, context);
    }
    const run = await workshop.getCheckRun({ task: task.id, run: activity.id });
    return followCheckRun(workshop, task, run, options, context);
  },
});

const isExperiment = ({ kind }: LabStatus['activities'][number]) => kind === 'experiment';
