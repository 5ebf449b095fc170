import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'close() leaves the connections open.',
  killedBy: 'close',
  file: 'inference-client.ts',
  replacements: [{ find: 'close: () => client.close()', replace: 'close: () => {}' }],
};
export default mutant;
