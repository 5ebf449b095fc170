import { checkConfiguration } from '@prodigon/stack';
import { type Command, UsageError } from '../command.ts';
import { parseCommandLine } from '../command-line-arguments.ts';

export const configCommand: Command = {
  name: 'config',
  summary: 'check the configuration without starting anything',
  usage:
    '  check   check the environment, .env and MODELS_FILE\n\n  Exits with 78 when they contain a problem. Keys and addresses are not tried.',
  async run(args, context) {
    const { positionals } = parseCommandLine({ args, options: {}, allowPositionals: true });
    if (positionals.length !== 1 || positionals[0] !== 'check') throw new UsageError('Use: prodigon config check.');
    const { providers, warnings } = await checkConfiguration(context);
    for (const warning of warnings) context.stdout.write(`Warning: ${warning}\n`);
    const enabled = providers.length === 0 ? 'only the offline models' : providers.join(', ');
    context.stdout.write(`The configuration is valid. Enabled providers: ${enabled}\n`);
    return 0;
  },
};
