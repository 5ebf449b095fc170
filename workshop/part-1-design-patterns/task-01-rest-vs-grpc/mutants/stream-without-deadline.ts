import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'Only generate sets a deadline.',
  killedBy: 'deadline-arrives',
  file: 'inference-client.ts',
  replacements: [
    {
      find: 'client.generateStream(message, metadata, createCallOptions(options))',
      replace: 'client.generateStream(message, metadata)',
    },
  ],
};
export default mutant;
