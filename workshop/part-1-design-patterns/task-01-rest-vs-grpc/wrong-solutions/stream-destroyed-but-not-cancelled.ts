import type { WrongSolution } from '@prodigon/lab/exercise';

const wrong: WrongSolution = {
  mistake: 'Leaving the loop destroys the stream, which does not cancel the call in grpc-js.',
  killedBy: 'leaving-the-loop',
  report: 'The model was still generating 3 s later.',
  file: 'inference-client.ts',
  replacements: [
    {
      find: `      // The loop below reports errors. This listener is for the error that follows a cancellation.
      call.on('error', () => {});
`,
      replace: '',
    },
    {
      find: `        signal?.removeEventListener('abort', cancel);
        call.cancel();
      }
    },`,
      replace: `        // Leaving \`for await\` destroys the stream, so only the listener is left.
        signal?.removeEventListener('abort', cancel);
      }
    },`,
    },
  ],
};
export default wrong;
