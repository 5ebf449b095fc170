import { locateDataDirectory, stopRunningStack } from '@prodigon/stack';
import type { Command } from '../command.ts';
import { parseCommandLine } from '../command-line-arguments.ts';

export const stopCommand: Command = {
  name: 'stop',
  summary: 'stop the running platform',
  usage: '  Waits up to DRAIN_TIMEOUT_MS for open responses to finish, after DRAIN_NOTICE_MS.',
  async run(args, context) {
    parseCommandLine({ args, options: {} });
    const dataDirectory = locateDataDirectory(context);
    const wasRunning = await stopRunningStack({
      dataDirectory,
      onEvent: ({ message }) => void context.stderr.write(`${message}\n`),
    });
    context.stdout.write(wasRunning ? 'Prodigon has stopped.\n' : 'Prodigon is not running.\n');
    return 0;
  },
};
