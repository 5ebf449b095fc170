import type { TaskSummary } from '@prodigon/contracts/workshop';
import { JSON_OPTION } from '../../command-line-arguments.ts';
import { formatTable } from '../../format-table.ts';
import { writeJson } from '../../write-json.ts';
import { defineLabCommand } from './lab-command.ts';

export const listCommand = defineLabCommand({
  name: 'list',
  summary: 'show the tasks and your progress',
  options: JSON_OPTION,
  async run({ values }, context, { workshop }) {
    const list = await workshop.getWorkshop({});
    if (values.json) return writeJson(list, context);
    const parts = list.parts.filter(({ tasks }) => tasks.length > 0);
    const sections = parts.map(({ title, tasks }) => `${title}\n${formatTable(tasks.map(toRow), HEADINGS)}\n`);
    context.stdout.write(sections.join('\n'));
    if (parts.length === 0) context.stderr.write('This platform has no workshop tasks.\n');
    if (list.next) context.stderr.write(`Continue with task ${list.next.task}, section ${list.next.section}.\n`);
    return 0;
  },
});

const HEADINGS = ['TASK', 'NAME', 'TITLE', 'MINUTES', 'STATE', 'VERDICT', 'CHECKS'];

const toRow = ({ id, slug, title, minutes, progress }: TaskSummary): string[] => [
  id,
  slug,
  title,
  String(minutes),
  stateOf(progress),
  progress.verdict ?? '',
  `${progress.checks_passed}/${progress.checks_total}`,
];

function stateOf({
  completed_at: completedAt,
  started,
  predicted,
  last_active_at: lastActiveAt,
}: TaskSummary['progress']): string {
  if (completedAt !== null) return 'completed';
  if (started) return 'started';
  if (predicted) return 'predicted';
  return lastActiveAt !== null ? 'reading' : '';
}
