import type { WrongSolution } from '@prodigon/lab/exercise';

const wrong: WrongSolution = {
  mistake: 'A stream maps errors until its first part only.',
  killedBy: 'stream-errors',
  report: 'The call failed with Error: ',
  file: 'inference-client.ts',
  replacements: [
    {
      find: `        for await (const { event } of call as AsyncIterable<GenerateStreamResponse>) {
          if (signal?.aborted) throw new AppError('CANCELLED');
          if (event?.$case === 'text') yield event.value;
        }
      } catch (error) {
        throw toAppError(error);
      } finally {
`,
      replace: `        const responses = call[Symbol.asyncIterator]() as AsyncIterator<GenerateStreamResponse>;
        // A call that is refused fails here, before its first response.
        let next = await responses.next().catch((error: unknown) => {
          throw toAppError(error);
        });
        while (!next.done) {
          const { event } = next.value;
          if (event?.$case === 'text') yield event.value;
          next = await responses.next();
        }
      } finally {
`,
    },
  ],
};
export default wrong;
