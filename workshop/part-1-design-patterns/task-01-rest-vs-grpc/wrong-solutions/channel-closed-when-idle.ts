import type { WrongSolution } from '@prodigon/lab/exercise';

const wrong: WrongSolution = {
  mistake: 'The client closes its channel whenever no call is active.',
  killedBy: 'one-channel',
  report: '1 open channel and ',
  file: 'inference-client.ts',
  replacements: [
    {
      find: `  const client = new InferenceServiceClient(\`ipv4:\${addresses.join(',')}\`, credentials.createInsecure(), {
    'grpc.service_config': SERVICE_CONFIG,
  });
  // #endregion
`,
      replace: `  const target = \`ipv4:\${addresses.join(',')}\`;
  let client: InferenceServiceClient | undefined;
  let activeCalls = 0;

  // All calls share one channel. Nothing stays open while there is nothing to do.
  function acquire(): InferenceServiceClient {
    activeCalls += 1;
    client ??= new InferenceServiceClient(target, credentials.createInsecure(), { 'grpc.service_config': SERVICE_CONFIG });
    return client;
  }

  function release(): void {
    activeCalls -= 1;
    if (activeCalls === 0) disconnect();
  }

  function disconnect(): void {
    client?.close();
    client = undefined;
  }
  // #endregion
`,
    },
    {
      find: 'const call = client.generate(',
      replace: 'const call = acquire().generate(',
    },
    {
      find: `(error, response) => {
`,
      replace: `(error, response) => {
          release();
`,
    },
    {
      find: 'const call = client.generateStream(',
      replace: 'const call = acquire().generateStream(',
    },
    {
      find: `        call.cancel();
      }
    },`,
      replace: `        call.cancel();
        release();
      }
    },`,
    },
    {
      find: 'close: () => client.close(),',
      replace: 'close: disconnect,',
    },
  ],
};
export default wrong;
