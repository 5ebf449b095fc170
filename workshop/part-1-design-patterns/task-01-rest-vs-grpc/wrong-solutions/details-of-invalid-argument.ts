import type { WrongSolution } from '@prodigon/lab/exercise';

const wrong: WrongSolution = {
  mistake: 'The message of a VALIDATION_ERROR contains the details of the status.',
  killedBy: 'status-map',
  report: 'which names an internal host and file.',
  file: 'inference-client.ts',
  replacements: [
    {
      find: `  const { code, metadata } = error as ServiceError;
`,
      replace: `  const { code, details, metadata } = error as ServiceError;
`,
    },
    {
      find: `  return new AppError(ERROR_CODES.get(code) ?? 'INTERNAL_ERROR', undefined, options);`,
      replace: `  // Internals stay inside. What is wrong with a request is for its sender to know.
  const message = code === status.INVALID_ARGUMENT ? details : undefined;
  return new AppError(ERROR_CODES.get(code) ?? 'INTERNAL_ERROR', message, options);`,
    },
  ],
};
export default wrong;
