import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'The promise rejects when the signal aborts, but the call continues.',
  killedBy: 'abort',
  file: 'inference-client.ts',
  replacements: [
    {
      find: "        const cancel = () => call.cancel();\n        signal?.addEventListener('abort', cancel, { once: true });\n      }),",
      replace:
        "        const cancel = () => {\n          reject(new AppError('CANCELLED'));\n          if (!signal) call.cancel();\n        };\n        signal?.addEventListener('abort', cancel, { once: true });\n      }),",
    },
  ],
};
export default mutant;
