import { AppError } from '@prodigon/contracts';
import { ConfigurationError, EXIT_CONFIGURATION } from '@prodigon/platform/configuration';
import { StackError } from '../stack-error.ts';

const CODE = /^(?:[0-9A-Z]{5}|E[A-Z]+)$/;
const DISK_FULL = new Set(['53100', 'ENOSPC']);

/**
 * Converts an error of pg or PostgreSQL into a `StackError` of one sentence with its code. The original message may contain
 * user data, so only `cause` keeps it. Returns other errors unchanged.
 */
export function explainDatabaseError(error: unknown): unknown {
  if (error instanceof ConfigurationError) return new StackError(error.message, EXIT_CONFIGURATION, { cause: error });
  if (error instanceof StackError || error instanceof AppError || !(error instanceof Error)) return error;
  const { code = '' } = error as NodeJS.ErrnoException;
  if (DISK_FULL.has(code))
    return new StackError('The disk of the database is full. Nothing has been changed.', 1, { cause: error });
  if (code === '42501')
    return new StackError('The user of DATABASE_URL has no permission for this operation. Nothing has been changed.', 1, {
      cause: error,
    });
  const isDatabaseError = CODE.test(code) || error.message.startsWith('Connection terminated');
  return isDatabaseError
    ? new StackError(
        `The database rejected or aborted the operation (${code || 'connection lost'}). Nothing has been changed.`,
        1,
        { cause: error },
      )
    : error;
}
