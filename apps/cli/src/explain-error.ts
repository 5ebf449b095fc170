import { AppError, type ErrorCode, type ErrorDetail } from '@prodigon/contracts';
import { StackError } from '@prodigon/stack';
import { UsageError } from './usage-error.ts';

export interface Explanation {
  readonly message: string;
  readonly exitCode: number;
}

/**
 * Returns the message and the exit code of an error: 2 for the command line, 78 for the configuration, and
 * `errorExitCode` for the rest. The message contains no stack trace. `path` is the full name of the command, and `env` its
 * environment.
 */
export function explainError(
  error: unknown,
  { path, errorExitCode = 1, env }: { path: readonly string[]; errorExitCode?: number | undefined; env: NodeJS.ProcessEnv },
): Explanation {
  if (error instanceof UsageError) {
    // A list at the end of a message ends with a newline.
    const separator = error.message.endsWith('\n') ? '' : ' ';
    return { message: `${error.message}${separator}See: ${['./prodigon help', ...path].join(' ')}`, exitCode: 2 };
  }
  if (error instanceof StackError) return { message: error.message, exitCode: error.exitCode };
  if (error instanceof AppError) return { message: describeAppError(error, env), exitCode: errorExitCode };
  return { message: `Unexpected error: ${error instanceof Error ? error.message : String(error)}`, exitCode: errorExitCode };
}

const REMEDIES: Partial<Record<ErrorCode, string>> = {
  TASK_NOT_STARTED: ' Run: ./prodigon lab start <task>',
};

function remedyOf({ code }: AppError, { PRODIGON_API_KEY }: NodeJS.ProcessEnv): string {
  if (code !== 'UNAUTHENTICATED') return REMEDIES[code] ?? '';
  if (PRODIGON_API_KEY) return ' The key in PRODIGON_API_KEY is wrong, revoked or expired.';
  return ' Set PRODIGON_API_KEY.';
}

function describeAppError(error: AppError, env: NodeJS.ProcessEnv): string {
  const details = (error.details ?? []).map((detail) => `\n  ${describeDetail(detail)}`).join('');
  const retry = error.retryAfterSeconds === undefined ? '' : ` Try again in ${error.retryAfterSeconds} s.`;
  return `${error.message}${retry}${remedyOf(error, env)}${details}`;
}

function describeDetail({ line, path, message }: ErrorDetail): string {
  const place = [line === undefined ? '' : `Line ${line}`, path].filter((part) => part !== '').join(', ');
  return place === '' ? message : `${place}: ${message}`;
}
