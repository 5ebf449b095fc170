import type { WrongSolution } from '@prodigon/lab/exercise';

const wrong: WrongSolution = {
  mistake: 'A timer of the client cancels the call, and no deadline reaches the model service.',
  killedBy: 'deadline-arrives',
  report: 'It arrived without a deadline.',
  file: 'inference-client.ts',
  replacements: [
    {
      find: `  function toGrpcOptions(options?: CallOptions): { deadline: number } {
    return { deadline: Date.now() + (options?.timeoutMs ?? timeoutMs) };
  }
`,
      replace: `  /** Cancels a call when its time is over. */
  function startTimer(call: { cancel(): void }, options?: CallOptions) {
    const timer = { isOver: false, stop: () => clearTimeout(timeout) };
    const timeout = setTimeout(() => {
      timer.isOver = true;
      call.cancel();
    }, options?.timeoutMs ?? timeoutMs);
    return timer;
  }
`,
    },
    {
      find: `createMetadata(), toGrpcOptions(options), (error, response) => {
`,
      replace: `createMetadata(), (error, response) => {
          timer.stop();
`,
    },
    {
      find: `            reject(toAppError(error));
`,
      replace: `            reject(timer.isOver ? new AppError('DEADLINE_EXCEEDED', undefined, { cause: error }) : toAppError(error));
`,
    },
    {
      find: '        function cancel(): void {',
      replace: `        const timer = startTimer(call, options);
        function cancel(): void {`,
    },
    {
      find: `createMetadata(), toGrpcOptions(options));
`,
      replace: `createMetadata());
      const timer = startTimer(call, options);
`,
    },
    {
      find: `        throw toAppError(error);
`,
      replace: `        if (timer.isOver) throw new AppError('DEADLINE_EXCEEDED', undefined, { cause: error });
        throw toAppError(error);
`,
    },
    {
      find: `      } finally {
`,
      replace: `      } finally {
        timer.stop();
`,
    },
  ],
};
export default wrong;
