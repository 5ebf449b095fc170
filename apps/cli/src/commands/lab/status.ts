import type { LabStatus } from '@prodigon/contracts/workshop';
import { JSON_OPTION } from '../../command-line-arguments.ts';
import { formatSeconds } from '../../format-numbers.ts';
import { formatTable } from '../../format-table.ts';
import { writeJson } from '../../write-json.ts';
import { defineLabCommand } from './lab-command.ts';

export const statusCommand = defineLabCommand({
  name: 'status',
  summary: 'show the running and the queued experiments and checks',
  options: JSON_OPTION,
  async run({ values }, context, { workshop }) {
    const status = await workshop.getLabStatus({});
    if (values.json) return writeJson(status, context);
    const { activities } = status;
    if (activities.length > 0) context.stdout.write(`${formatTable(activities.map(toRow), HEADINGS)}\n`);
    else context.stderr.write('No experiment or check is running.\n');
    return 0;
  },
});

const HEADINGS = ['TASK', 'KIND', 'STATUS', 'LEFT', 'TITLE'];

const toRow = ({ task, kind, status, seconds_left: left, title }: LabStatus['activities'][number]): string[] => [
  task,
  kind,
  status,
  left === null ? '' : formatSeconds(left),
  title,
];
