import type { UpdateApiKeyRequest } from '@prodigon/contracts';
import { defineCommand } from '../../command.ts';
import { JSON_OPTION, URL_OPTION } from '../../command-line-arguments.ts';
import { withOperatorGateway } from '../../gateway-connection.ts';
import { UsageError } from '../../usage-error.ts';
import { writeJson } from '../../write-json.ts';
import { completeKeyName, findKeyId, nameOf } from './find-key.ts';
import { ALL, KEY_OPTIONS, NONE, readKeyOptions } from './key-options.ts';

export const updateCommand = defineCommand({
  name: 'update',
  parameters: '<key>',
  complete: completeKeyName,
  summary: 'change the name, role, expiry, limits, budget or models of a key',
  options: {
    name: { type: 'string', value: '<name>', description: 'a new name' },
    ...KEY_OPTIONS,
    ...JSON_OPTION,
    ...URL_OPTION,
  },
  notes: [
    `Changes only the given properties. The value ${NONE} removes a limit, a budget or the expiry. --models ${ALL} removes the list of models.`,
  ],
  async run({ values, positionals }, context) {
    const { limits, budget, ...fields } = readKeyOptions(values);
    const changes: UpdateApiKeyRequest = {
      ...(values.name !== undefined && { name: values.name }),
      ...fields,
      ...(Object.keys(limits).length > 0 && { limits }),
      ...(Object.keys(budget).length > 0 && { budget }),
    };
    if (Object.keys(changes).length === 0) throw new UsageError('Give at least one change.');
    return withOperatorGateway(context, values.url, async (client) => {
      const key = await client.keys.update(await findKeyId(client, positionals), changes);
      if (values.json) return writeJson(key, context);
      context.stderr.write(`Changed ${nameOf(key)}.\n`);
      return 0;
    });
  },
});
