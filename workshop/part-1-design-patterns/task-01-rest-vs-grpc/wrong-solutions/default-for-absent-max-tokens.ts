import type { WrongSolution } from '@prodigon/lab/exercise';

const wrong: WrongSolution = {
  mistake: 'The client adds a limit of its own to requests without maxTokens.',
  killedBy: 'absent-fields',
  report: 'The model service received maxTokens 1024.',
  file: 'inference-client.ts',
  replacements: [
    {
      find: `    maxTokens,
    seed,
    stop`,
      replace: `    // Without a limit, one prompt could cost as much as the whole day.
    maxTokens: maxTokens ?? MAX_TOKENS_DEFAULT,
    seed,
    stop`,
    },
    {
      find: 'const SERVICE_CONFIG',
      replace: `const MAX_TOKENS_DEFAULT = 1024;

const SERVICE_CONFIG`,
    },
  ],
};
export default wrong;
