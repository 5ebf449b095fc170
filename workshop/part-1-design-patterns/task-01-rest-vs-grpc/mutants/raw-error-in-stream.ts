import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'A stream throws the error of gRPC instead of an AppError.',
  killedBy: 'stream-errors',
  file: 'inference-client.ts',
  replacements: [{ find: 'throw toAppError(error as ServiceError);', replace: 'throw error;' }],
};
export default mutant;
