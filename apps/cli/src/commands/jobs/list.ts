import { JOB_LIMITS, JOB_STATUS_LABELS, JOB_STATUSES, type Job, type JobStatus } from '@prodigon/contracts';
import { defineCommand } from '../../command.ts';
import { JSON_OPTION, URL_OPTION } from '../../command-line-arguments.ts';
import { finishedPrompts, formatCount, formatTime, statusOf } from '../../format-numbers.ts';
import { formatTable } from '../../format-table.ts';
import { withGateway } from '../../gateway-connection.ts';
import { asOneLine } from '../../terminal-text.ts';
import { UsageError } from '../../usage-error.ts';
import { writeJson } from '../../write-json.ts';

const NAME_CHARACTERS_MAX = 40;
const LIMIT_DEFAULT = 20;

export const listCommand = defineCommand({
  name: 'list',
  summary: 'show the newest jobs',
  options: {
    status: {
      type: 'string',
      value: '<status>',
      choices: JOB_STATUSES,
      description: `only jobs with this status: ${JOB_STATUSES.join(', ')}`,
    },
    search: { type: 'string', value: '<text>', description: 'only jobs whose name contains it' },
    limit: {
      type: 'string',
      default: String(LIMIT_DEFAULT),
      value: '<n>',
      description: `1 to ${JOB_LIMITS.pageMax}; ${LIMIT_DEFAULT} by default`,
    },
    ...JSON_OPTION,
    ...URL_OPTION,
  },
  async run({ values }, context) {
    const query = { status: parseStatus(values.status), limit: parseLimit(values.limit), q: values.search };
    const page = await withGateway(context, values.url, (client) => client.jobs.list(query));
    if (values.json) return writeJson(page, context);
    const { jobs, next_after } = page;
    if (jobs.length > 0) context.stdout.write(`${formatTable(jobs.map(toRow), HEADINGS)}\n`);
    const isFiltered = query.status !== undefined || query.q !== undefined;
    if (jobs.length === 0)
      context.stderr.write(isFiltered ? 'No job matches.\n' : 'No jobs yet. Submit one: ./prodigon jobs submit <file>\n');
    if (next_after !== null) context.stderr.write('There are more jobs. Raise --limit to see them.\n');
    return 0;
  },
});

const HEADINGS = ['ID', 'STATUS', 'FINISHED', 'FAILED', 'CREATED', 'NAME'];

const toRow = (job: Job): string[] => [
  job.job_id,
  statusOf(job),
  `${formatCount(finishedPrompts(job))}/${formatCount(job.total_prompts)}`,
  formatCount(job.failed_prompts),
  formatTime(job.created_at),
  asOneLine(job.name, NAME_CHARACTERS_MAX),
];

function parseStatus(text: string | undefined): JobStatus | undefined {
  const word = text?.toLowerCase();
  const status = JOB_STATUSES.find((value) => value === word || JOB_STATUS_LABELS[value].toLowerCase() === word);
  if (text !== undefined && !status) throw new UsageError(`--status must be one of ${JOB_STATUSES.join(', ')}, not "${text}".`);
  return status;
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= JOB_LIMITS.pageMax) return limit;
  throw new UsageError(`--limit must be 1 to ${JOB_LIMITS.pageMax}, not "${text}".`);
}
