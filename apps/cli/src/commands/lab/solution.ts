import { AppError } from '@prodigon/contracts';
import { findTask } from './find-task.ts';
import { defineLabCommand } from './lab-command.ts';
import { completeTaskOnly } from './task-completion.ts';

export const solutionCommand = defineLabCommand({
  name: 'solution',
  parameters: '<task>',
  summary: 'replace your code with the solution of a task',
  options: { force: { type: 'boolean', default: false, description: 'even before your first run of all checks' } },
  complete: completeTaskOnly,
  notes: ['Keeps a backup of your code beside the folder.'],
  async run({ values, positionals }, { stdout }, { workshop }) {
    const { id } = await findTask(workshop, positionals);
    const { folder, backup } = await workshop.applySolution({ task: id }, { force: values.force }).catch((error: unknown) => {
      if (!(error instanceof AppError) || error.code !== 'CONFLICT' || values.force) throw error;
      throw new AppError('CONFLICT', `${error.message} --force copies it anyway.`);
    });
    const kept = backup ? ` Your code is in ${backup}.` : '';
    stdout.write(`The solution is in ${folder}.${kept}\n  Check  ./prodigon lab check ${id}\n`);
    return 0;
  },
});
