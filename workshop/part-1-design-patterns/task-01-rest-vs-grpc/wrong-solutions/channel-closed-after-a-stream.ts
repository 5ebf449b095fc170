import type { WrongSolution } from '@prodigon/lab/exercise';

const wrong: WrongSolution = {
  mistake: 'The end of a stream closes the channel of the client, too.',
  killedBy: 'one-channel',
  report: 'after a stream had ended',
  file: 'inference-client.ts',
  replacements: [
    {
      find: `        call.cancel();
      }
    },`,
      replace: `        call.cancel();
        client.close();
      }
    },`,
    },
  ],
};
export default wrong;
