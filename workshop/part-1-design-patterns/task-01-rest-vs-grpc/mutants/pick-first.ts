import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'The channel sends all calls to the first replica that accepts a connection.',
  killedBy: 'spread',
  file: 'inference-client.ts',
  replacements: [{ find: 'round_robin: {}', replace: 'pick_first: {}' }],
};
export default mutant;
