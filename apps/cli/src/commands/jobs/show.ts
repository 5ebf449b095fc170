import type { Job, JobItem } from '@prodigon/contracts';
import { defineCommand } from '../../command.ts';
import { JSON_OPTION, URL_OPTION } from '../../command-line-arguments.ts';
import { formatCost, formatCount, formatTime, statusOf } from '../../format-numbers.ts';
import { formatTable } from '../../format-table.ts';
import { withGateway } from '../../gateway-connection.ts';
import { asOneLine } from '../../terminal-text.ts';
import { writeJson } from '../../write-json.ts';
import { findJobId } from './find-job-id.ts';
import { formatProgress } from './progress-line.ts';

const FAILED_SHOWN_MAX = 5;
const TEXT_CHARACTERS_MAX = 100;

export const showCommand = defineCommand({
  name: 'show',
  parameters: '<id>',
  summary: 'show the progress, options and failures of a job',
  options: { ...JSON_OPTION, ...URL_OPTION },
  async run({ values, positionals }, context) {
    return withGateway(context, values.url, async (client) => {
      const id = await findJobId(client, positionals);
      const job = await client.jobs.get(id);
      if (values.json) return writeJson(job, context);
      const failed =
        job.failed_prompts > 0 ? (await client.jobs.items(id, { status: 'failed', limit: FAILED_SHOWN_MAX })).items : [];
      context.stdout.write(`${describeJob(job)}\n`);
      if (failed.length > 0) context.stdout.write(`\n${formatTable(failed.map(toRow))}\n`);
      if (job.failed_prompts > failed.length)
        context.stdout.write(`  All failed prompts: ./prodigon jobs results ${id} --failed\n`);
      return 0;
    });
  },
});

function describeJob(job: Job): string {
  const time = (isoTime: string | null) => (isoTime === null ? null : formatTime(isoTime));
  const { prompt_tokens: prompt, completion_tokens: completion } = job.usage;
  const rows: [string, string | null][] = [
    ['Job', job.job_id],
    ['Name', asOneLine(job.name, TEXT_CHARACTERS_MAX)],
    ['Status', statusOf(job)],
    ['Error', job.error && asOneLine(job.error, 500)],
    ['Progress', formatProgress(job, { isConnected: true })],
    ['Cancelled', job.cancelled_prompts > 0 ? formatCount(job.cancelled_prompts) : null],
    ['Tokens', `${formatCount(prompt)} + ${formatCount(completion)}`],
    ['Cost', job.cost_usd === null ? null : formatCost(job.cost_usd)],
    ['Model', job.model ?? 'the default model'],
    ['Options', describeOptions(job)],
    ['System', job.system_prompt && asOneLine(job.system_prompt, TEXT_CHARACTERS_MAX)],
    ['Created', time(job.created_at)],
    ['Started', time(job.started_at)],
    ['Ended', time(job.completed_at)],
    ['Expires', job.completed_at === null ? time(job.expires_at) : null],
  ];
  return formatTable(rows.flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
}

function describeOptions({ max_tokens, temperature, priority }: Job): string {
  const given = Object.entries({ max_tokens, temperature, priority }).filter(([, value]) => value !== null);
  return given.map(([name, value]) => `${name} ${value}`).join(', ');
}

const toRow = ({ index, custom_id: id, attempts, error }: JobItem): string[] => [
  `#${index}`,
  asOneLine(id ?? '', 30),
  `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`,
  error === null ? '' : `${error.code}: ${asOneLine(error.message, TEXT_CHARACTERS_MAX)}`,
];
