import { JSON_OPTION } from '../../command-line-arguments.ts';
import { findTask, parseIds, parseSeed } from './find-task.ts';
import { followCheckRun } from './follow-check-run.ts';
import { defineLabCommand } from './lab-command.ts';
import { completeTask } from './task-completion.ts';

export const checkCommand = defineLabCommand({
  name: 'check',
  parameters: '<task>',
  summary: 'run the checks of a task on your code; Ctrl-C stops them',
  options: {
    seed: { type: 'string', value: '<n>', description: 'repeats the inputs of a run; random by default' },
    only: { type: 'string', value: '<checks>', description: 'only these checks, separated by commas' },
    json: { ...JSON_OPTION.json, description: 'print the results as JSON at the end' },
  },
  complete: completeTask,
  notes: ['The exit code is 0 if all checks passed, and 1 if one failed.'],
  async run({ values, positionals }, context, { workshop }) {
    const { id } = await findTask(workshop, positionals);
    const seed = parseSeed(values.seed);
    const task = await workshop.getTask({ task: id });
    const only = parseIds(
      'only',
      values.only,
      task.checks.map((check) => check.id),
    );
    const run = await workshop.createCheckRun({ task: id }, { seed, only });
    return followCheckRun(workshop, task, run, { isStoppable: true, json: values.json }, context);
  },
});
