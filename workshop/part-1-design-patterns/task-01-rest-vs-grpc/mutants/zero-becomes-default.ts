import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'A temperature of 0 becomes 0.7.',
  killedBy: 'explicit-zero',
  file: 'inference-client.ts',
  replacements: [{ find: '    temperature,\n    topP,', replace: '    temperature: temperature || 0.7,\n    topP,' }],
};
export default mutant;
