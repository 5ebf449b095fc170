import { assertConfirmable, confirm, YES_OPTION } from '../../confirm.ts';
import { findTask } from './find-task.ts';
import { defineLabCommand, LAB_EXIT_CODES } from './lab-command.ts';
import { completeTaskOnly } from './task-completion.ts';

export const resetCommand = defineLabCommand({
  name: 'reset',
  parameters: '<task>',
  summary: 'replace your code with the starter of a task',
  options: YES_OPTION,
  complete: completeTaskOnly,
  notes: ['Keeps your progress, and a backup of your code beside the folder.'],
  async run({ values, positionals }, context, { workshop }) {
    assertConfirmable(values.yes, context);
    const { id } = await findTask(workshop, positionals);
    if (!values.yes && !(await confirm(`Replace your code with the starter of task ${id}?`, context))) {
      context.stderr.write('Your code was not replaced.\n');
      return LAB_EXIT_CODES.couldNotRun;
    }
    const { folder, backup } = await workshop.resetTask({ task: id });
    const kept = backup ? ` Your code is in ${backup}.` : '';
    context.stdout.write(`The starter is in ${folder} again.${kept}\n`);
    return 0;
  },
});
