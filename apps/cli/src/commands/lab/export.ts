import { writeFile } from 'node:fs/promises';
import type { WorkshopApi } from '@prodigon/api-client/workshop';
import { AppError } from '@prodigon/contracts';
import type { LabRun } from '@prodigon/contracts/workshop';
import { UsageError } from '../../usage-error.ts';
import { findTask } from './find-task.ts';
import { defineLabCommand } from './lab-command.ts';
import { formatRunReport } from './run-report.ts';
import { completeTaskOnly } from './task-completion.ts';

const FORMATS = ['json', 'markdown'] as const;

export const exportCommand = defineLabCommand({
  name: 'export',
  parameters: '<task>',
  summary: 'print a run of an experiment as JSON or Markdown',
  options: {
    run: {
      type: 'string',
      value: '<id>',
      description: 'the first or last characters of its id; the newest complete run by default',
    },
    format: { type: 'string', value: '<format>', choices: FORMATS, description: 'json or markdown; json by default' },
    output: { type: 'string', short: 'o', value: '<file>', description: 'write to this file' },
  },
  complete: completeTaskOnly,
  async run({ values, positionals }, context, { workshop }) {
    const format = FORMATS.find((name) => name === (values.format ?? 'json'));
    if (!format) throw new UsageError(`--format must be json or markdown, not "${values.format}".`);
    const { lab } = await findTask(workshop, positionals);
    const run = await findRun(workshop, lab, values.run);
    const text = format === 'json' ? `${JSON.stringify(run, null, 2)}\n` : formatRunReport(run);
    if (values.output === undefined) context.stdout.write(text);
    else {
      await write(values.output, text);
      context.stderr.write(`Wrote run ${run.id} to ${values.output}.\n`);
    }
    return 0;
  },
});

async function findRun(workshop: WorkshopApi, lab: string, part: string | undefined): Promise<LabRun> {
  const { runs } = await workshop.listLabRuns({ lab });
  const found = runs.filter(({ id, status }) =>
    part === undefined ? status === 'completed' : id.startsWith(part) || id.endsWith(part),
  );
  const [run] = found;
  if (!run)
    throw new AppError(
      'NOT_FOUND',
      part === undefined ? 'There is no complete run yet.' : `There is no run whose id begins or ends with ${part}.`,
    );
  if (part !== undefined && found.length > 1)
    throw new UsageError(`The ids of several runs begin or end with ${part}. Give more characters.`);
  return workshop.getLabRun({ lab, run: run.id });
}

async function write(path: string, text: string): Promise<void> {
  await writeFile(path, text).catch((error: NodeJS.ErrnoException) => {
    throw new AppError('INSUFFICIENT_STORAGE', `${path} cannot be written (${error.code}).`);
  });
}
