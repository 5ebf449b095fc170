import { assertConfirmable, confirm, YES_OPTION } from '../../confirm.ts';
import { findTask } from './find-task.ts';
import { defineLabCommand, LAB_EXIT_CODES } from './lab-command.ts';
import { completeTaskOnly } from './task-completion.ts';

export const resetCommand = defineLabCommand({
  name: 'reset',
  parameters: '<task>',
  summary: 'replace your code of a task with the starter',
  options: YES_OPTION,
  complete: completeTaskOnly,
  notes: ['Keeps a backup beside the folder, and your progress.'],
  async run({ values, positionals }, context, { workshop }) {
    assertConfirmable(values.yes, context);
    const { id } = await findTask(workshop, positionals);
    if (!values.yes && !(await confirm(`Replace your code of task ${id} with the starter?`, context))) {
      context.stderr.write('Nothing was replaced.\n');
      return LAB_EXIT_CODES.couldNotRun;
    }
    const { folder } = await workshop.resetTask({ task: id });
    context.stdout.write(`The starter is in ${folder} again.\n`);
    return 0;
  },
});
