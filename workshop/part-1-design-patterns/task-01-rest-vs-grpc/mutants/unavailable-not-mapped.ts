import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'UNAVAILABLE becomes INTERNAL_ERROR.',
  killedBy: 'status-map',
  file: 'inference-client.ts',
  replacements: [{ find: "  [status.UNAVAILABLE]: 'SERVICE_UNAVAILABLE',\n", replace: '' }],
};
export default mutant;
