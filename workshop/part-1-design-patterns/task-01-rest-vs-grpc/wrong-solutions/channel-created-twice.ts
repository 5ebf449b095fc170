import type { WrongSolution } from '@prodigon/lab/exercise';

const wrong: WrongSolution = {
  mistake:
    'Calls that begin together each create a channel, because the client awaits the connection before it keeps the channel.',
  killedBy: 'one-channel',
  report: ' open channels and ',
  file: 'inference-client.ts',
  replacements: [
    {
      find: `  const client = new InferenceServiceClient(\`ipv4:\${addresses.join(',')}\`, credentials.createInsecure(), {
    'grpc.service_config': SERVICE_CONFIG,
  });
`,
      replace: `  let shared: InferenceServiceClient | undefined;

  /** Connects with the first call, and shares the channel from then on. */
  async function connect(deadline: number): Promise<InferenceServiceClient> {
    if (!shared) {
      const created = new InferenceServiceClient(\`ipv4:\${addresses.join(',')}\`, credentials.createInsecure(), {
        'grpc.service_config': SERVICE_CONFIG,
      });
      // A channel that is not ready is no failure yet: the call itself reports it.
      await new Promise<void>((resolve) => created.waitForReady(deadline, () => resolve()));
      shared = created;
    }
    return shared;
  }
`,
    },
    {
      find: `    generate: (request, options) =>
      new Promise((resolve, reject) => {
        const signal = options?.signal;
`,
      replace: `    async generate(request, options) {
      const signal = options?.signal;
      const client = await connect(toGrpcOptions(options).deadline);
      return new Promise((resolve, reject) => {
`,
    },
    {
      find: `        signal?.addEventListener('abort', cancel, { once: true });
      }),
`,
      replace: `        signal?.addEventListener('abort', cancel, { once: true });
      });
    },
`,
    },
    {
      find: `      if (signal?.aborted) throw new AppError('CANCELLED');
      const message`,
      replace: `      const client = await connect(toGrpcOptions(options).deadline);
      if (signal?.aborted) throw new AppError('CANCELLED');
      const message`,
    },
    {
      find: '    close: () => client.close(),',
      replace: '    close: () => shared?.close(),',
    },
  ],
};
export default wrong;
