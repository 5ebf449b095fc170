import { defineCommand } from '../../command.ts';
import { JSON_OPTION, URL_OPTION } from '../../command-line-arguments.ts';
import { withOperatorGateway } from '../../gateway-connection.ts';
import { writeJson } from '../../write-json.ts';
import { completeKeyName, findKeyId, nameOf } from './find-key.ts';

export const revokeCommand = defineCommand({
  name: 'revoke',
  parameters: '<key>',
  complete: completeKeyName,
  summary: 'revoke a key, and end its open responses',
  options: { ...JSON_OPTION, ...URL_OPTION },
  async run({ values, positionals }, context) {
    return withOperatorGateway(context, values.url, async (client) => {
      const key = await client.keys.revoke(await findKeyId(client, positionals));
      if (values.json) return writeJson(key, context);
      context.stderr.write(`Revoked ${nameOf(key)}. To undo this within ten minutes, run: ./prodigon keys restore ${key.id}\n`);
      return 0;
    });
  },
});
