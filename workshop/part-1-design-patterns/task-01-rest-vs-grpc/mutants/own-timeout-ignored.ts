import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'The client ignores the timeout of a call.',
  killedBy: 'deadline-arrives',
  file: 'inference-client.ts',
  replacements: [{ find: '(options.timeoutMs ?? timeoutMs)', replace: '(options ? timeoutMs : 0)' }],
};
export default mutant;
