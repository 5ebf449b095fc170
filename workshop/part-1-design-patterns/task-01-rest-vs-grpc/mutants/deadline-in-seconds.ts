import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'The client treats the timeout as seconds.',
  killedBy: 'deadline-arrives',
  file: 'inference-client.ts',
  replacements: [{ find: '(options.timeoutMs ?? timeoutMs)', replace: '(options.timeoutMs ?? timeoutMs) * 1_000' }],
};
export default mutant;
