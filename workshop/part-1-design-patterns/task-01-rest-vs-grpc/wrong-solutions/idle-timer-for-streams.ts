import type { WrongSolution } from '@prodigon/lab/exercise';

const wrong: WrongSolution = {
  mistake: 'A timer that each part restarts replaces the deadline of a stream.',
  killedBy: 'deadline-arrives',
  report: 'It arrived without a deadline.',
  file: 'inference-client.ts',
  replacements: [
    {
      find: 'const call = client.generateStream(message, createMetadata(), toGrpcOptions(options));',
      replace: 'const call = client.generateStream(message, createMetadata());',
    },
    {
      find: `      const cancel = () => call.cancel();
`,
      replace: `      const cancel = () => call.cancel();
      // A long answer is no reason to give up while parts arrive. A silent model is.
      let isTimedOut = false;
      const startTimer = () =>
        setTimeout(() => {
          isTimedOut = true;
          call.cancel();
        }, options?.timeoutMs ?? timeoutMs);
      let timer = startTimer();
`,
    },
    {
      find: `          if (signal?.aborted) throw new AppError('CANCELLED');
          if (event?.$case === 'text') yield event.value;
`,
      replace: `          clearTimeout(timer);
          if (signal?.aborted) throw new AppError('CANCELLED');
          if (event?.$case === 'text') yield event.value;
          timer = startTimer();
`,
    },
    {
      find: `      } catch (error) {
        throw toAppError(error);
      } finally {
`,
      replace: `      } catch (error) {
        if (isTimedOut) throw new AppError('DEADLINE_EXCEEDED', undefined, { cause: error });
        throw toAppError(error);
      } finally {
        clearTimeout(timer);
`,
    },
  ],
};
export default wrong;
