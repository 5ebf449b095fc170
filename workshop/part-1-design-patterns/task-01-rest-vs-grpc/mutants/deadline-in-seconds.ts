import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'The timeout is taken for seconds.',
  killedBy: 'deadline-arrives',
  file: 'inference-client.ts',
  replacements: [{ find: '(options.timeoutMs ?? timeoutMs)', replace: '(options.timeoutMs ?? timeoutMs) * 1_000' }],
};
export default mutant;
