import { locateDataDirectory, stopRunningStack } from '@prodigon/stack';
import { defineCommand } from '../command.ts';

export const stopCommand = defineCommand({
  name: 'stop',
  summary: 'stop the running platform',
  options: {},
  notes: ['Waits for DRAIN_NOTICE_MS, then up to DRAIN_TIMEOUT_MS for open responses to finish.'],
  async run(_, context) {
    const dataDirectory = locateDataDirectory(context);
    const wasRunning = await stopRunningStack({
      dataDirectory,
      onEvent: ({ message }) => void context.stderr.write(`${message}\n`),
    });
    context.stdout.write(wasRunning ? 'Prodigon has stopped.\n' : 'Prodigon is not running.\n');
    return 0;
  },
});
