import type { Mutant } from '@prodigon/lab/exercise';

const mutant: Mutant = {
  mistake: 'The client also sends calls to a replica that is down.',
  killedBy: 'dead-replica',
  file: 'inference-client.ts',
  replacements: [
    {
      find: 'const client = new InferenceServiceClient(',
      replace: 'let turn = 0;\n  const clients = addresses.map((address) => new InferenceServiceClient(',
    },
    {
      find: "addresses.join(',')",
      replace: 'address',
    },
    {
      find: "    'grpc.use_local_subchannel_pool': 1,\n  });",
      replace:
        "    'grpc.use_local_subchannel_pool': 1,\n  }));\n  const nextClient = () => clients[turn++ % clients.length] as InferenceServiceClient;",
    },
    { find: 'client.generate(', replace: 'nextClient().generate(' },
    { find: 'client.generateStream(', replace: 'nextClient().generateStream(' },
    { find: 'client.close()', replace: 'clients.forEach((one) => one.close())' },
  ],
};
export default mutant;
