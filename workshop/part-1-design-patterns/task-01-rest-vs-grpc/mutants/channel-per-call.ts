import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'Every call creates a channel.',
  killedBy: 'one-channel',
  file: 'inference-client.ts',
  replacements: [
    { find: 'const client = new InferenceServiceClient(', replace: 'const createClient = () => new InferenceServiceClient(' },
    { find: 'client.generate(', replace: 'createClient().generate(' },
    { find: 'client.generateStream(', replace: 'createClient().generateStream(' },
    { find: 'client.close()', replace: 'createClient().close()' },
  ],
};
export default mutant;
