import { checkConfiguration } from '@prodigon/stack';
import { defineCommand, defineCommandGroup } from '../command.ts';
import { JSON_OPTION } from '../command-line-arguments.ts';
import { writeJson } from '../write-json.ts';

const checkCommand = defineCommand({
  name: 'check',
  summary: 'check the environment, .env and MODELS_FILE without starting anything',
  options: JSON_OPTION,
  notes: ['Exits with 78 if it finds a problem. Does not test keys and addresses.'],
  async run({ values }, context) {
    const { providers, proxies, warnings } = await checkConfiguration(context);
    if (values.json) return writeJson({ providers, proxies, warnings }, context);
    for (const warning of warnings) context.stdout.write(`Warning: ${warning}\n`);
    const enabled = providers.length === 0 ? 'only the offline models' : providers.join(', ');
    context.stdout.write(`The configuration is valid. Enabled providers: ${enabled}\n`);
    for (const { variable, origin } of proxies) {
      const protocol = variable === 'HTTPS_PROXY' ? 'https' : 'http';
      context.stdout.write(`Providers with ${protocol} addresses are called through ${origin} (${variable}).\n`);
    }
    return 0;
  },
});

export const configCommand = defineCommandGroup('config', {
  name: 'config',
  summary: 'check the configuration',
  subcommands: [checkCommand],
});
