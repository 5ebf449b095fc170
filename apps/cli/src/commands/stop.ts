import { loadStackSettings, stopRunningStack } from '@prodigon/stack';
import type { Command } from '../command.ts';
import { parseCommandLine } from '../command-line-arguments.ts';

export const stopCommand: Command = {
  name: 'stop',
  summary: 'stop the platform that runs in the background or another terminal',
  usage: '  Waits until open responses have finished, for DRAIN_TIMEOUT_MS at most.',
  async run(args, context) {
    parseCommandLine({ args, options: {} });
    const { dataDirectory } = loadStackSettings(context);
    const wasThere = await stopRunningStack({
      dataDirectory,
      onEvent: ({ message }) => void context.stderr.write(`${message}\n`),
    });
    context.stdout.write(wasThere ? 'Prodigon has stopped.\n' : 'Prodigon is not running.\n');
    return 0;
  },
};
