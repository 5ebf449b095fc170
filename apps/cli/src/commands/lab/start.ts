import { formatTable } from '../../format-table.ts';
import { findTask } from './find-task.ts';
import { defineLabCommand } from './lab-command.ts';
import { completeTaskOnly } from './task-completion.ts';

export const startCommand = defineLabCommand({
  name: 'start',
  parameters: '<task>',
  summary: 'copy the starter of a task to your folder',
  options: {},
  complete: completeTaskOnly,
  notes: ['Never overwrites an existing copy.'],
  async run({ positionals }, { stdout }, { workshop, url }) {
    const task = await findTask(workshop, positionals);
    const { folder, files } = await workshop.startTask({ task: task.id });
    const own = files.filter((file) => file.own !== null).map(({ path }) => `  ${path}`);
    const next = [
      ['Read', `${url}/workshop/${task.slug}`],
      ['Predict', `./prodigon lab predict ${task.id}`],
      ['Run', `./prodigon lab run ${task.id}`],
      ['Check', `./prodigon lab check ${task.id}`],
    ];
    stdout.write([`Your code for task ${task.id} is in ${folder}:`, ...own, '', 'Next:', formatTable(next), ''].join('\n'));
    return 0;
  },
});
