import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'The client uses only the first address.',
  killedBy: 'spread',
  file: 'inference-client.ts',
  replacements: [{ find: "addresses.join(',')", replace: 'addresses[0]' }],
};
export default mutant;
