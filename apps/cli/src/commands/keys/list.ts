import type { ApiKey } from '@prodigon/contracts';
import { defineCommand } from '../../command.ts';
import { JSON_OPTION, URL_OPTION } from '../../command-line-arguments.ts';
import { countOf, formatTime } from '../../format-numbers.ts';
import { formatTable } from '../../format-table.ts';
import { withOperatorGateway } from '../../gateway-connection.ts';
import { asOneLine } from '../../terminal-text.ts';
import { writeJson } from '../../write-json.ts';
import { describeLimits, describeModels, describeSpending, keyStatusOf, parentNameOf } from './describe-key.ts';

const NAME_CHARACTERS_MAX = 40;
const MODELS_CHARACTERS_MAX = 60;

export const listCommand = defineCommand({
  name: 'list',
  summary: 'list the keys with their spending and limits',
  options: {
    all: { type: 'boolean', default: false, description: 'also show revoked and expired keys' },
    ...JSON_OPTION,
    ...URL_OPTION,
  },
  async run({ values }, context) {
    const { keys } = await withOperatorGateway(context, values.url, (client) => client.keys.list());
    const shown = values.all ? keys : keys.filter((key) => keyStatusOf(key) === 'Active');
    if (values.json) return writeJson({ keys: shown }, context);
    if (shown.length > 0)
      context.stdout.write(
        `${formatTable(
          shown.map((key) => toRow(key, keys)),
          HEADINGS,
        )}\n`,
      );
    const hidden = keys.length - shown.length;
    if (keys.length === 0) context.stderr.write('No keys yet. Create one: ./prodigon keys create <name> --owner <owner>\n');
    if (hidden > 0) context.stderr.write(`${countOf(hidden, 'revoked or expired key')} not shown. Add --all to see them.\n`);
    return 0;
  },
});

const HEADINGS = [
  ...['NAME', 'OWNER', 'ROLE', 'STATUS', 'LAST USED', 'EXPIRES'],
  ...['TODAY (UTC)', 'THIS MONTH', 'LIMITS', 'MODELS', 'ID'],
];

const toRow = (key: ApiKey, keys: readonly ApiKey[]): string[] => [
  asOneLine(key.name, NAME_CHARACTERS_MAX),
  asOneLine(key.owner, NAME_CHARACTERS_MAX),
  key.role,
  keyStatusOf(key),
  key.last_used_at === null ? 'never' : formatTime(key.last_used_at),
  key.expires_at === null ? 'never' : formatTime(key.expires_at),
  describeSpending(key, 'day') ?? '',
  describeSpending(key, 'month') ?? '',
  describeLimits(key, asOneLine(parentNameOf(key, keys), NAME_CHARACTERS_MAX)),
  asOneLine(describeModels(key), MODELS_CHARACTERS_MAX),
  key.id,
];
