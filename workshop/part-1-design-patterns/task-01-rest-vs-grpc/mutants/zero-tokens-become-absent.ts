import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'A maxTokens of 0 is dropped.',
  killedBy: 'explicit-zero',
  file: 'inference-client.ts',
  replacements: [{ find: '    maxTokens,\n    seed,', replace: '    maxTokens: maxTokens || undefined,\n    seed,' }],
};
export default mutant;
