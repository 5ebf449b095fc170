import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'The client treats the seconds of retry-after as milliseconds.',
  killedBy: 'retry-after',
  file: 'inference-client.ts',
  replacements: [
    { find: "Number(error.metadata?.get('retry-after')[0])", replace: "Number(error.metadata?.get('retry-after')[0]) / 1_000" },
  ],
};
export default mutant;
