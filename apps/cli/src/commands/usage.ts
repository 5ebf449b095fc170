import { type UsageQuery, type UsageRow, type UsageSums, usageQuerySchema } from '@prodigon/contracts';
import { type Command, UsageError } from '../command.ts';
import { parseCommandLine } from '../command-line-arguments.ts';
import { formatTable } from '../format-table.ts';
import { connect, explainUnreachable } from '../gateway-connection.ts';
import { countOf, formatCount } from './jobs/format-numbers.ts';

const RESPONSE_TIMEOUT_MS = 10_000;

export const usageCommand: Command = {
  name: 'usage',
  summary: 'show tokens and cost by day and model',
  usage: [
    '  --from, --to <YYYY-MM-DD>   the first and last day in UTC; the last 30 days by default',
    '  --json                      print the report as JSON',
    '  --url <url>                 the gateway to use; the local one by default',
  ].join('\n'),
  async run(args, context) {
    const options = {
      from: { type: 'string' },
      to: { type: 'string' },
      json: { type: 'boolean' },
      url: { type: 'string' },
    } as const;
    const { values } = parseCommandLine({ args, options });
    const { client, url } = connect(context, values.url);
    const report = await client.usage(readPeriod(values), AbortSignal.timeout(RESPONSE_TIMEOUT_MS)).catch((error: unknown) => {
      throw explainUnreachable(error, url);
    });
    if (values.json) context.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else if (report.rows.length === 0) context.stdout.write(`No usage from ${report.from} to ${report.to}.\n`);
    else context.stdout.write(`${formatTable([...report.rows.map(toRow), toTotal(report.totals)])}\n`);
    return 0;
  },
};

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
    countOf(requests, 'request'),
    `${formatCount(prompt_tokens)} + ${formatCount(completion_tokens)} tokens`,
    `$${cost_usd.toFixed(4)}`,
    notes.join(', '),
  ];
}
