import type { WrongSolution } from '@prodigon/lab/exercise';

const wrong: WrongSolution = {
  mistake: 'The client computes the deadline when it is created, so later calls have less time.',
  killedBy: 'deadline-aborts',
  report: 'as if its time had begun with an earlier call',
  file: 'inference-client.ts',
  replacements: [
    {
      find: `  function toGrpcOptions(options?: CallOptions): { deadline: number } {
    return { deadline: Date.now() + (options?.timeoutMs ?? timeoutMs) };
  }`,
      replace: `  // The same for most calls, so it is created only once.
  const grpcOptions = { deadline: Date.now() + timeoutMs };

  function toGrpcOptions(options?: CallOptions): { deadline: number } {
    if (options?.timeoutMs === undefined) return grpcOptions;
    return { ...grpcOptions, deadline: Date.now() + options.timeoutMs };
  }`,
    },
  ],
};
export default wrong;
