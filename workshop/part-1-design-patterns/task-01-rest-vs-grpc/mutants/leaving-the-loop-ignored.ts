import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'A caller that leaves the loop leaves the model generating.',
  killedBy: 'leaving-the-loop',
  file: 'inference-client.ts',
  replacements: [
    {
      find: '        // Also when the caller leaves its loop. A finished call ignores it.\n        call.cancel();\n',
      replace: '',
    },
  ],
};
export default mutant;
