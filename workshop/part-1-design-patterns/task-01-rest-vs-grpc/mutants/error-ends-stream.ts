import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'A stream that fails ends as if it were complete.',
  killedBy: 'stream-errors',
  file: 'inference-client.ts',
  replacements: [
    {
      find: 'throw toAppError(error as ServiceError);',
      replace: 'if (signal?.aborted || !(error as ServiceError).code) throw error;',
    },
  ],
};
export default mutant;
