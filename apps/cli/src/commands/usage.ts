import { type UsageQuery, type UsageRow, type UsageSums, usageQuerySchema } from '@prodigon/contracts';
import { defineCommand } from '../command.ts';
import { JSON_OPTION, URL_OPTION } from '../command-line-arguments.ts';
import { formatCost, formatCount } from '../format-numbers.ts';
import { formatTable } from '../format-table.ts';
import { connect, explainUnreachable } from '../gateway-connection.ts';
import { UsageError } from '../usage-error.ts';
import { writeJson } from '../write-json.ts';

const RESPONSE_TIMEOUT_MS = 10_000;

export const usageCommand = defineCommand({
  name: 'usage',
  summary: 'show tokens and cost by day and model',
  options: {
    from: { type: 'string', value: '<YYYY-MM-DD>', description: 'the first day in UTC; 30 days ago by default' },
    to: { type: 'string', value: '<YYYY-MM-DD>', description: 'the last day in UTC; today by default' },
    ...JSON_OPTION,
    ...URL_OPTION,
  },
  async run({ values }, context) {
    const { client, url } = connect(context, values.url);
    const report = await client.usage(readPeriod(values), AbortSignal.timeout(RESPONSE_TIMEOUT_MS)).catch((error: unknown) => {
      throw explainUnreachable(error, url, context);
    });
    if (values.json) return writeJson(report, context);
    if (report.rows.length === 0) context.stdout.write(`No usage from ${report.from} to ${report.to}.\n`);
    else context.stdout.write(`${formatTable([...report.rows.map(toRow), toTotal(report.totals)], HEADINGS)}\n`);
    return 0;
  },
});

const HEADINGS = ['DAY', 'MODEL', 'REQUESTS', 'PROMPT TOKENS', 'COMPLETION TOKENS', 'COST', 'NOTES'];

function readPeriod({ from, to }: UsageQuery): UsageQuery {
  const period = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  const parsed = usageQuerySchema.safeParse(period);
  if (!parsed.success) throw new UsageError(`--from and --to: ${parsed.error.issues[0]?.message ?? 'not valid'}.`);
  return period;
}

function toRow(row: UsageRow): string[] {
  return [row.day, row.model, ...figuresOf(row)];
}

function toTotal(totals: UsageSums): string[] {
  return ['total', '', ...figuresOf(totals)];
}

function figuresOf({
  requests,
  failed,
  cancelled,
  prompt_tokens,
  completion_tokens,
  cost_usd,
  unpriced,
  estimated,
}: UsageSums): string[] {
  const notes = [
    failed > 0 && `${formatCount(failed)} failed`,
    cancelled > 0 && `${formatCount(cancelled)} cancelled`,
    estimated > 0 && `${formatCount(estimated)} estimated`,
    unpriced > 0 && `${formatCount(unpriced)} without a known price`,
  ].filter((note) => note !== false);
  return [
    formatCount(requests),
    formatCount(prompt_tokens),
    formatCount(completion_tokens),
    cost_usd === 0 && unpriced > 0 ? 'unknown' : formatCost(cost_usd),
    notes.join(', '),
  ];
}
