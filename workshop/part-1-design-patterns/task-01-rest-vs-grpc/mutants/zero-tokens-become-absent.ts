import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'The client omits a maxTokens of 0.',
  killedBy: 'explicit-zero',
  file: 'inference-client.ts',
  replacements: [{ find: '    maxTokens,\n    seed,', replace: '    maxTokens: maxTokens || undefined,\n    seed,' }],
};
export default mutant;
