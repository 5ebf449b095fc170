import { defineCommand } from '../../command.ts';
import { JSON_OPTION, URL_OPTION } from '../../command-line-arguments.ts';
import { withOperatorGateway } from '../../gateway-connection.ts';
import { writeJson } from '../../write-json.ts';
import { completeRevokedKeyName, findKeyId, nameOf } from './find-key.ts';

export const restoreCommand = defineCommand({
  name: 'restore',
  parameters: '<key>',
  complete: completeRevokedKeyName,
  summary: 'restore a revoked key, within ten minutes after its revocation',
  options: { ...JSON_OPTION, ...URL_OPTION },
  async run({ values, positionals }, context) {
    return withOperatorGateway(context, values.url, async (client) => {
      const key = await client.keys.restore(await findKeyId(client, positionals, { isRevoked: true }));
      if (values.json) return writeJson(key, context);
      context.stderr.write(`Restored ${nameOf(key)}.\n`);
      return 0;
    });
  },
});
