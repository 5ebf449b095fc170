import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'The details of the status become the public message.',
  killedBy: 'status-map',
  file: 'inference-client.ts',
  replacements: [{ find: 'new AppError(code, undefined,', replace: 'new AppError(code, error.details,' }],
};
export default mutant;
