import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'An absent retry-after becomes NaN.',
  killedBy: 'retry-after',
  file: 'inference-client.ts',
  replacements: [{ find: '...(Number.isFinite(retryAfterSeconds) && { retryAfterSeconds })', replace: 'retryAfterSeconds' }],
};
export default mutant;
