import type { WrongSolution } from '@prodigon/lab/exercise';

const wrong: WrongSolution = {
  mistake: 'The client listens to the signal, but does not check whether it has aborted already.',
  killedBy: 'abort',
  report: 'an already aborted signal',
  file: 'inference-client.ts',
  replacements: [
    {
      find: `        const signal = options?.signal;
        if (signal?.aborted) {
          reject(new AppError('CANCELLED'));
          return;
        }
`,
      replace: `        const signal = options?.signal;
`,
    },
    {
      find: `      const signal = options?.signal;
      if (signal?.aborted) throw new AppError('CANCELLED');
`,
      replace: `      const signal = options?.signal;
`,
    },
    {
      find: `          if (signal?.aborted) throw new AppError('CANCELLED');
`,
      replace: '',
    },
  ],
};
export default wrong;
