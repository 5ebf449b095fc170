import { defineCommand } from '../../command.ts';
import { JSON_OPTION, URL_OPTION } from '../../command-line-arguments.ts';
import { withOperatorGateway } from '../../gateway-connection.ts';
import { UsageError } from '../../usage-error.ts';
import { writeJson } from '../../write-json.ts';
import { nameOf } from './find-key.ts';
import { KEY_OPTIONS, readKeyOptions } from './key-options.ts';

export const createCommand = defineCommand({
  name: 'create',
  parameters: '<name>',
  summary: 'create a key and print its value once',
  options: {
    owner: {
      type: 'string',
      value: '<owner>',
      description: 'the owner of the key, of its jobs and of its usage; your own owner by default',
    },
    ...KEY_OPTIONS,
    role: { ...KEY_OPTIONS.role, description: 'member or admin; member by default' },
    ...JSON_OPTION,
    ...URL_OPTION,
  },
  notes: ['Prints only the value to standard output, e.g. for: key=$(./prodigon keys create ci --owner ci)'],
  async run({ values, positionals }, context) {
    const [name, ...others] = positionals;
    if (name === undefined || others.length > 0) throw new UsageError('Give one name for the key, in quotes if it has spaces.');
    const request = { name, ...(values.owner !== undefined && { owner: values.owner }), ...readKeyOptions(values) };
    return withOperatorGateway(context, values.url, async (client) => {
      const { requires_key: requiresKey } = await client.me();
      const created = await client.keys.create(request);
      if (values.json) return writeJson(created, context);
      context.stderr.write(`Created ${nameOf(created)}. This is the only time that its value is shown:\n`);
      context.stdout.write(`${created.key}\n`);
      if (!requiresKey)
        context.stderr.write(
          'The platform also accepts calls without a key. To require a key, set REQUIRE_API_KEY=on and restart the platform.\n',
        );
      return 0;
    });
  },
});
