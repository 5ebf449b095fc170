import type { WrongSolution } from '@prodigon/lab/exercise';

const wrong: WrongSolution = {
  mistake: 'The client derives the error code from the details instead of the status.',
  killedBy: 'status-map',
  report: 'The error was AppError INTERNAL_ERROR.',
  file: 'inference-client.ts',
  replacements: [
    {
      find: `const ERROR_CODES: ReadonlyMap<number, ErrorCode> = new Map<number, ErrorCode>([
  [status.UNAVAILABLE, 'SERVICE_UNAVAILABLE'],
  [status.RESOURCE_EXHAUSTED, 'RATE_LIMITED'],
  [status.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED'],
  [status.INVALID_ARGUMENT, 'VALIDATION_ERROR'],
  [status.UNAUTHENTICATED, 'UNAUTHENTICATED'],
  [status.CANCELLED, 'CANCELLED'],
]);

`,
      replace: `function toCode(details: string): ErrorCode {
  if (/deadline|timed? ?out/i.test(details)) return 'DEADLINE_EXCEEDED';
  if (/cancel/i.test(details)) return 'CANCELLED';
  if (/rate limit|too many|exhausted|quota/i.test(details)) return 'RATE_LIMITED';
  if (/unauthenticated|authorization|token/i.test(details)) return 'UNAUTHENTICATED';
  if (/invalid|must be|required/i.test(details)) return 'VALIDATION_ERROR';
  if (/unavailable|no connection|connect|dropped|ECONN/i.test(details)) return 'SERVICE_UNAVAILABLE';
  return 'INTERNAL_ERROR';
}

`,
    },
    {
      find: 'type ServiceError, status }',
      replace: 'type ServiceError }',
    },
    {
      find: '  const { code, metadata } = error',
      replace: '  const { details, metadata } = error',
    },
    {
      find: `ERROR_CODES.get(code) ?? 'INTERNAL_ERROR'`,
      replace: 'toCode(details)',
    },
  ],
};
export default wrong;
