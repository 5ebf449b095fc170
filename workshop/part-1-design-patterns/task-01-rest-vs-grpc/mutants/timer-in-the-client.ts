import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'A timer rejects the promise, but the call continues.',
  killedBy: 'deadline-aborts',
  file: 'inference-client.ts',
  replacements: [
    { find: 'return { deadline: Date.now() + (options.timeoutMs ?? timeoutMs) };', replace: 'return options.signal ? {} : {};' },
    {
      find: "if (signal?.aborted) return reject(new AppError('CANCELLED'));",
      replace:
        "if (signal?.aborted) return reject(new AppError('CANCELLED'));\n        setTimeout(() => reject(new AppError('DEADLINE_EXCEEDED')), options.timeoutMs ?? timeoutMs).unref();",
    },
  ],
};
export default mutant;
