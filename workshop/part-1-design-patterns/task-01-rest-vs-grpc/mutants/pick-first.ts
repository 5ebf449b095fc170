import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'The channel uses the first replica that responds.',
  killedBy: 'spread',
  file: 'inference-client.ts',
  replacements: [{ find: 'round_robin: {}', replace: 'pick_first: {}' }],
};
export default mutant;
