import type { WrongSolution } from '@prodigon/lab/exercise';

const wrong: WrongSolution = {
  mistake: 'The client rotates over one channel per replica, and a call can wait for a replica that is down.',
  killedBy: 'dead-replica',
  report: 'of 60 calls failed, the first one with AppError SERVICE_UNAVAILABLE.',
  file: 'inference-client.ts',
  replacements: [
    {
      find: 'import { credentials, Metadata,',
      replace: 'import { connectivityState, credentials, Metadata,',
    },
    {
      find: `const SERVICE_CONFIG = JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] });

`,
      replace: '',
    },
    {
      find: `  const client = new InferenceServiceClient(\`ipv4:\${addresses.join(',')}\`, credentials.createInsecure(), {
    'grpc.service_config': SERVICE_CONFIG,
  });
`,
      replace: `  // One channel for each replica, opened once.
  const clients = addresses.map((address) => new InferenceServiceClient(\`ipv4:\${address}\`, credentials.createInsecure()));
  let next = 0;

  /** Takes turns, and leaves out replicas that are down. */
  function pick(): InferenceServiceClient {
    let client = clients[0];
    for (let tries = 0; tries < clients.length; tries += 1) {
      client = clients[next % clients.length];
      next += 1;
      const state = client?.getChannel().getConnectivityState(true);
      if (state !== connectivityState.TRANSIENT_FAILURE) break;
    }
    if (!client) throw new AppError('SERVICE_UNAVAILABLE');
    return client;
  }
`,
    },
    {
      find: 'client.generate(',
      replace: 'pick().generate(',
    },
    {
      find: 'client.generateStream(',
      replace: 'pick().generateStream(',
    },
    {
      find: 'close: () => client.close(),',
      replace: `close: () => {
      for (const client of clients) client.close();
    },`,
    },
  ],
};
export default wrong;
