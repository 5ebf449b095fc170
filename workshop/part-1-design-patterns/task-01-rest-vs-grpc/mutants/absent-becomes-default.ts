import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'An absent temperature becomes 0.7.',
  killedBy: 'absent-fields',
  file: 'inference-client.ts',
  replacements: [{ find: '    temperature,\n    topP,', replace: '    temperature: temperature ?? 0.7,\n    topP,' }],
};
export default mutant;
