import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'The timeout of a call is ignored.',
  killedBy: 'deadline-arrives',
  file: 'inference-client.ts',
  replacements: [{ find: '(options.timeoutMs ?? timeoutMs)', replace: '(options ? timeoutMs : 0)' }],
};
export default mutant;
