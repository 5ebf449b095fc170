import type { WrongSolution } from '@prodigon/lab/exercise';

const wrong: WrongSolution = {
  mistake: 'A stream that has yielded parts starts again after UNAVAILABLE.',
  killedBy: 'stream-errors',
  report: ' in 3 calls.',
  file: 'inference-client.ts',
  replacements: [
    {
      find: `      const call = client.generateStream(message, createMetadata(), toGrpcOptions(options));
      // The loop below reports errors. This listener is for the error that follows a cancellation.
      call.on('error', () => {});
      const cancel = () => call.cancel();
      signal?.addEventListener('abort', cancel, { once: true });
      try {
        for await (const { event } of call as AsyncIterable<GenerateStreamResponse>) {
          if (signal?.aborted) throw new AppError('CANCELLED');
          if (event?.$case === 'text') yield event.value;
        }
      } catch (error) {
        throw toAppError(error);
      } finally {
        signal?.removeEventListener('abort', cancel);
        call.cancel();
      }
`,
      replace: `      // One deadline for all attempts.
      const grpcOptions = toGrpcOptions(options);
      for (let attempt = 1; ; attempt += 1) {
        const call = client.generateStream(message, createMetadata(), grpcOptions);
        // The loop below reports errors. This listener is for the error that follows a cancellation.
        call.on('error', () => {});
        const cancel = () => call.cancel();
        signal?.addEventListener('abort', cancel, { once: true });
        try {
          for await (const { event } of call as AsyncIterable<GenerateStreamResponse>) {
            if (signal?.aborted) throw new AppError('CANCELLED');
            if (event?.$case === 'text') yield event.value;
          }
          return;
        } catch (error) {
          // A replica that goes away is no reason to fail: there are others.
          const isRetryable = (error as ServiceError).code === status.UNAVAILABLE;
          if (!isRetryable || attempt === ATTEMPTS_MAX || signal?.aborted) throw toAppError(error);
        } finally {
          signal?.removeEventListener('abort', cancel);
          call.cancel();
        }
      }
`,
    },
    {
      find: 'const SERVICE_CONFIG',
      replace: `const ATTEMPTS_MAX = 3;

const SERVICE_CONFIG`,
    },
  ],
};
export default wrong;
