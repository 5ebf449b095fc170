import { AppError } from '@prodigon/contracts';
import { StackError } from '../stack-error.ts';

const CODE = /^(?:[0-9A-Z]{5}|E[A-Z]+)$/;
const FULL = new Set(['53100', 'ENOSPC']);

/** Returns an error of pg or PostgreSQL as one sentence with its code. The original message may hold data and stays in the cause. */
export function databaseFailure(error: unknown): unknown {
  if (error instanceof StackError || error instanceof AppError || !(error instanceof Error)) return error;
  const { code = '' } = error as NodeJS.ErrnoException;
  if (FULL.has(code)) return new StackError('The disk of the database is full. Nothing has been changed.', 1, { cause: error });
  if (code === '42501')
    return new StackError('The user of DATABASE_URL may not do this in the database. Nothing has been changed.', 1, {
      cause: error,
    });
  const isOurs = CODE.test(code) || error.message.startsWith('Connection terminated');
  return isOurs
    ? new StackError(
        `The database has refused or broken off the work (${code || 'connection lost'}). Nothing has been changed.`,
        1,
        { cause: error },
      )
    : error;
}
