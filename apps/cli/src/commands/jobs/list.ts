import { JOB_LIMITS, JOB_STATUSES, type Job, type JobStatus } from '@prodigon/contracts';
import { UsageError } from '../../command.ts';
import { parseCommandLine } from '../../command-line-arguments.ts';
import { formatTable } from '../../format-table.ts';
import { withGateway } from '../../gateway-connection.ts';
import { asOneLine } from '../../terminal-text.ts';
import { finishedPrompts, formatCount, formatTime, statusOf } from './format-numbers.ts';
import type { JobsSubcommand } from './subcommand.ts';

const NAME_CHARACTERS_MAX = 40;
const LIMIT_DEFAULT = 20;

export const listSubcommand: JobsSubcommand = {
  name: 'list',
  parameters: '',
  summary: 'show the newest jobs',
  options: [
    ['--status <status>', `only jobs with this status: ${JOB_STATUSES.join(', ')}`],
    ['--search <text>', 'only jobs whose name contains it'],
    ['--limit <n>', `1 to ${JOB_LIMITS.pageMax}; ${LIMIT_DEFAULT} by default`],
  ],
  async run(args, context) {
    const { values } = parseCommandLine({
      args,
      options: {
        status: { type: 'string' },
        search: { type: 'string' },
        limit: { type: 'string', default: String(LIMIT_DEFAULT) },
        url: { type: 'string' },
      },
    });
    const query = { status: parseStatus(values.status), limit: parseLimit(values.limit), q: values.search };
    const { jobs, next_after } = await withGateway(context, values.url, (client) => client.jobs.list(query));
    if (jobs.length > 0) context.stdout.write(`${formatTable(jobs.map(toRow))}\n`);
    const isFiltered = query.status !== undefined || query.q !== undefined;
    if (jobs.length === 0)
      context.stderr.write(isFiltered ? 'No job matches.\n' : 'No jobs yet. Submit one: ./prodigon jobs submit <file>\n');
    if (next_after !== null) context.stderr.write('There are more jobs. Raise --limit to see them.\n');
    return 0;
  },
};

const toRow = (job: Job): string[] => [
  job.job_id,
  statusOf(job),
  `${formatCount(finishedPrompts(job))}/${formatCount(job.total_prompts)}`,
  job.failed_prompts > 0 ? `${formatCount(job.failed_prompts)} failed` : '',
  formatTime(job.created_at),
  asOneLine(job.name, NAME_CHARACTERS_MAX),
];

function parseStatus(text: string | undefined): JobStatus | undefined {
  const status = JOB_STATUSES.find((candidate) => candidate === text);
  if (text !== undefined && !status) throw new UsageError(`--status must be one of ${JOB_STATUSES.join(', ')}, not "${text}".`);
  return status;
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= JOB_LIMITS.pageMax) return limit;
  throw new UsageError(`--limit must be 1 to ${JOB_LIMITS.pageMax}, not "${text}".`);
}
