import type { ApiKey } from '@prodigon/contracts';
import { defineCommand } from '../../command.ts';
import { JSON_OPTION, URL_OPTION } from '../../command-line-arguments.ts';
import { formatTime } from '../../format-numbers.ts';
import { formatTable } from '../../format-table.ts';
import { withOperatorGateway } from '../../gateway-connection.ts';
import { writeJson } from '../../write-json.ts';
import { describeLimits, describeModels, describeSpending, keyStatusOf, parentNameOf } from './describe-key.ts';
import { completeKeyName, findKeyId } from './find-key.ts';

export const showCommand = defineCommand({
  name: 'show',
  parameters: '<key>',
  complete: completeKeyName,
  summary: 'show the spending, limits and times of a key',
  options: { ...JSON_OPTION, ...URL_OPTION },
  async run({ values, positionals }, context) {
    return withOperatorGateway(context, values.url, async (client) => {
      const key = await client.keys.get(await findKeyId(client, positionals));
      if (values.json) return writeJson(key, context);
      const { keys } = key.parent_id === null ? { keys: [] } : await client.keys.list();
      context.stdout.write(`${describeKey(key, parentNameOf(key, keys))}\n`);
      return 0;
    });
  },
});

function describeKey(key: ApiKey, parent: string): string {
  const time = (isoTime: string | null) => (isoTime === null ? null : formatTime(isoTime));
  const { spending, parent_id } = key;
  const spent = (period: 'day' | 'month') => {
    const start = spending && `starts again at ${formatTime(spending[period].resets_at)}`;
    return [describeSpending(key, period), start].filter((part) => part !== null).join('; ') || null;
  };
  const rows: [string, string | null][] = [
    ['Key', key.id],
    ['Name', key.name],
    ['Owner', key.owner],
    ['Role', key.role],
    ['Status', keyStatusOf(key)],
    ['Created by', parent_id === null || parent === parent_id ? parent_id : `${parent} (${parent_id})`],
    ['Today', spent('day')],
    ['This month', spent('month')],
    ['Limits', describeLimits(key, parent) || 'those of the platform'],
    ['Models', describeModels(key)],
    ['Created', time(key.created_at)],
    ['Last used', time(key.last_used_at) ?? 'never'],
    ['Expires', time(key.expires_at) ?? 'never'],
    ['Revoked', time(key.revoked_at)],
    ['Previous value valid until', time(key.previous_expires_at)],
  ];
  return formatTable(rows.flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
}
