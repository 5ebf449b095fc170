import type { WrongSolution } from '@prodigon/lab/exercise';

const wrong: WrongSolution = {
  mistake: 'events.on() reads at full speed and queues what the reader has not read.',
  killedBy: 'slow-reader',
  report: 'and your client keeps them in memory.',
  file: 'inference-client.ts',
  replacements: [
    {
      find: 'import { credentials,',
      replace: `import { on } from 'node:events';
import { credentials,`,
    },
    {
      find: `        for await (const { event } of call as AsyncIterable<GenerateStreamResponse>) {
          if (signal?.aborted)`,
      replace: `        // An async iterator instead of an array of our own: the reader sets the pace.
        for await (const [{ event }] of on(call, 'data', { close: ['end'] }) as AsyncIterable<[GenerateStreamResponse]>) {
          if (signal?.aborted)`,
    },
  ],
};
export default wrong;
