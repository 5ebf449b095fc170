import {
  ALL_OWNERS,
  type UsageQuery,
  type UsageReport,
  type UsageRow,
  type UsageSums,
  usageQuerySchema,
} from '@prodigon/contracts';
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
    by: {
      type: 'string',
      value: '<model|key>',
      choices: ['model', 'key'],
      description: 'group by model, or by key and model; model by default',
    },
    owner: { type: 'string', value: '<owner>', description: 'the usage of another owner, or of all with *; only for admins' },
    key: { type: 'string', value: '<id>', description: 'only the usage of the key with this id' },
    model: { type: 'string', value: '<model>', description: 'only the usage of this model' },
    csv: { type: 'boolean', description: 'print CSV' },
    ...JSON_OPTION,
    ...URL_OPTION,
  },
  async run({ values }, context) {
    if (values.csv && values.json) throw new UsageError('Use either --csv or --json.');
    const query = readQuery(values);
    const { client, url } = connect(context, values.url);
    const signal = AbortSignal.timeout(RESPONSE_TIMEOUT_MS);
    const explain = (error: unknown): never => {
      throw explainUnreachable(error, url, context);
    };
    if (values.csv) {
      context.stdout.write(await client.usageCsv(query, signal).catch(explain));
      return 0;
    }
    const report = await client.usage(query, signal).catch(explain);
    if (values.json) return writeJson(report, context);
    if (report.rows.length > 0) {
      context.stdout.write(`${tableOf(report, query)}\n`);
      return 0;
    }
    context.stdout.write(`No usage from ${report.from} to ${report.to}.\n`);
    if (query.owner !== undefined) return 0;
    const { owner, role } = await client.me(signal).catch(explain);
    if (role === 'admin') context.stderr.write(`Only the usage of ${owner} counts here. Add --owner '*' for all owners.\n`);
    return 0;
  },
});

type Values = Pick<UsageQuery, 'from' | 'to' | 'owner' | 'key' | 'model'> & { readonly by?: string | undefined };

function readQuery({ from, to, by, owner, key, model }: Values): UsageQuery {
  const given = Object.entries({ from, to, by, owner, key, model }).filter(([, value]) => value !== undefined);
  const query = Object.fromEntries(given) as UsageQuery;
  const parsed = usageQuerySchema.safeParse(query);
  if (parsed.success) return query;
  const [issue] = parsed.error.issues;
  const option = issue?.path[0];
  const name = option === 'from' || option === 'to' ? '--from and --to' : `--${String(option)}`;
  throw new UsageError(`${name}: ${issue?.message ?? 'not valid'}.`);
}

/** The column of owners is for several owners, and that of keys for usage by key. */
function tableOf({ rows, totals }: UsageReport, { owner, by }: UsageQuery): string {
  const columns: Column[] = [
    { heading: 'DAY', cellOf: ({ day }) => day },
    ...(owner === ALL_OWNERS ? [OWNER] : []),
    ...(by === 'key' ? [KEY] : []),
    { heading: 'MODEL', cellOf: ({ model }) => model },
  ];
  const total = ['total', ...columns.slice(1).map(() => ''), ...figuresOf(totals)];
  const cells = rows.map((row) => [...columns.map(({ cellOf }) => cellOf(row)), ...figuresOf(row)]);
  return formatTable([...cells, total], [...columns.map(({ heading }) => heading), ...FIGURES]);
}

interface Column {
  readonly heading: string;
  readonly cellOf: (row: UsageRow) => string;
}

const OWNER: Column = { heading: 'OWNER', cellOf: ({ owner_id }) => owner_id };
const KEY: Column = { heading: 'KEY', cellOf: ({ key_id, key_name }) => key_name ?? key_id ?? 'no key' };

const FIGURES = ['REQUESTS', 'PROMPT TOKENS', 'COMPLETION TOKENS', 'COST', 'NOTES'];

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
