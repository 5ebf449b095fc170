import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'The model continues to generate after the caller leaves the loop.',
  killedBy: 'leaving-the-loop',
  file: 'inference-client.ts',
  replacements: [
    {
      find: '        // Cancels the call when the caller leaves its loop. A finished call ignores it.\n        call.cancel();\n',
      replace: '',
    },
  ],
};
export default mutant;
