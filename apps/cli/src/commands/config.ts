import { checkConfiguration } from '@prodigon/stack';
import { defineCommand, defineCommandGroup } from '../command.ts';
import { JSON_OPTION } from '../command-line-arguments.ts';
import { describeProxy } from '../startup-message.ts';
import { writeJson } from '../write-json.ts';

const checkCommand = defineCommand({
  name: 'check',
  summary: 'check the environment, .env and MODELS_FILE without starting anything',
  options: JSON_OPTION,
  notes: ['Exits with 78 if it finds a problem. Does not test keys, addresses or DATABASE_URL.'],
  async run({ values }, context) {
    const { providers, isMock, proxies, warnings } = await checkConfiguration(context);
    if (values.json) return writeJson({ providers, proxies, warnings }, context);
    for (const warning of warnings) context.stdout.write(`Warning: ${warning}\n`);
    const offline = `only the offline models${isMock ? ', because USE_MOCK is true' : ''}`;
    context.stdout.write(
      `The configuration is valid. Enabled providers: ${providers.length === 0 ? offline : providers.join(', ')}\n`,
    );
    for (const proxy of proxies) context.stdout.write(`${describeProxy(proxy)}\n`);
    context.stdout.write('Keys, addresses and DATABASE_URL were not tested.\n');
    return 0;
  },
});

export const configCommand = defineCommandGroup('config', {
  name: 'config',
  summary: 'check the configuration',
  subcommands: [checkCommand],
});
