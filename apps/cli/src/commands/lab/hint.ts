import type { Task } from '@prodigon/contracts/workshop';
import { JSON_OPTION } from '../../command-line-arguments.ts';
import { indentText, textOptionsOf } from '../../text-glyphs.ts';
import { UsageError } from '../../usage-error.ts';
import { writeJson } from '../../write-json.ts';
import { findTask } from './find-task.ts';
import { defineLabCommand } from './lab-command.ts';
import { completeTask } from './task-completion.ts';

export const hintCommand = defineLabCommand({
  name: 'hint',
  parameters: '<task> [<check>]',
  summary: 'print the next of three hints for a check',
  options: JSON_OPTION,
  complete: completeTask,
  notes: ['Without <check>, the hint is for the first check that failed.'],
  async run({ values, positionals }, context, { workshop }) {
    const { id } = await findTask(workshop, positionals, 2);
    const task = await workshop.getTask({ task: id });
    const check = chooseCheck(task, positionals[1]);
    const hint = await workshop.showHint({ task: id }, { check });
    if (values.json) return writeJson(hint, context);
    const { columns } = textOptionsOf(context);
    const more =
      hint.level < hint.levels
        ? 'Repeat the command for the next one.'
        : `This is the last one. The solution: ./prodigon lab solution ${id}`;
    context.stderr.write(`Hint ${hint.level} of ${hint.levels} for ${hint.check}. ${more}\n`);
    context.stdout.write(`${indentText(hint.text, columns)}\n`);
    return 0;
  },
});

function chooseCheck({ checks, last_check_run: lastRun }: Task, name: string | undefined): string {
  const available = `Available: ${checks.map(({ id }) => id).join(', ')}.`;
  const check = name ?? lastRun?.results.find(({ status }) => status === 'failed')?.check;
  if (check === undefined) throw new UsageError(`No check has failed, so name one. ${available}`);
  if (!checks.some(({ id }) => id === check)) throw new UsageError(`There is no check "${check}". ${available}`);
  return check;
}
