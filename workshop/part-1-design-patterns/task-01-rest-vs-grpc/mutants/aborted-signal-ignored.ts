import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'A signal that has aborted before the call has no effect.',
  killedBy: 'abort',
  file: 'inference-client.ts',
  replacements: [{ find: "        if (signal?.aborted) return reject(new AppError('CANCELLED'));\n", replace: '' }],
};
export default mutant;
