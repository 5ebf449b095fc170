import { AppError, type ErrorCode, type ErrorDetail } from '@prodigon/contracts';
import { StackError } from '@prodigon/stack';
import { UsageError } from './usage-error.ts';

export interface Explanation {
  readonly message: string;
  readonly exitCode: number;
}

/**
 * Returns the message and the exit code of an error: 2 for the command line, 78 for the configuration, and
 * `errorExitCode` for the rest. The message contains no stack trace. `path` is the full name of the command.
 */
export function explainError(error: unknown, path: readonly string[] = [], errorExitCode = 1): Explanation {
  if (error instanceof UsageError)
    return { message: `${error.message} See: ${['./prodigon help', ...path].join(' ')}`, exitCode: 2 };
  if (error instanceof StackError) return { message: error.message, exitCode: error.exitCode };
  if (error instanceof AppError) return { message: describeAppError(error), exitCode: errorExitCode };
  return { message: `Unexpected error: ${error instanceof Error ? error.message : String(error)}`, exitCode: errorExitCode };
}

const REMEDIES: Partial<Record<ErrorCode, string>> = {
  UNAUTHENTICATED: ' Set PRODIGON_API_KEY.',
  TASK_NOT_STARTED: ' Run: ./prodigon lab start <task>',
};

function describeAppError(error: AppError): string {
  const details = (error.details ?? []).map((detail) => `\n  ${describeDetail(detail)}`).join('');
  const retry = error.retryAfterSeconds === undefined ? '' : ` Try again in ${error.retryAfterSeconds} s.`;
  return `${error.message}${retry}${REMEDIES[error.code] ?? ''}${details}`;
}

function describeDetail({ line, path, message }: ErrorDetail): string {
  const place = [line === undefined ? '' : `Line ${line}`, path].filter((part) => part !== '').join(', ');
  return place === '' ? message : `${place}: ${message}`;
}
