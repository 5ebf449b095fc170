import { AppError } from '@prodigon/contracts';
import { ConfigurationError } from '@prodigon/platform/configuration';
import { expect, it } from 'vitest';
import { StackError } from '../stack-error.ts';
import { explainDatabaseError } from './database-error.ts';

const errorOf = (code: string | undefined, message = 'a secret prompt') => Object.assign(new Error(message), { code });

it.each([
  ['53100', 'The disk of the database is full. Nothing has been changed.'],
  ['ENOSPC', 'The disk of the database is full. Nothing has been changed.'],
  ['42501', 'The user of DATABASE_URL has no permission for this operation. Nothing has been changed.'],
  ['57014', 'The database rejected or aborted the operation (57014). Nothing has been changed.'],
  ['ECONNRESET', 'The database rejected or aborted the operation (ECONNRESET). Nothing has been changed.'],
])('explains %s in one sentence without the original message, which stays in the cause', (code, message) => {
  const error = errorOf(code);
  const explained = explainDatabaseError(error);
  expect(explained).toBeInstanceOf(StackError);
  expect(explained).toMatchObject({ message, exitCode: 1, cause: error });
});

it('keeps the message of a configuration error, and exits with 78', () => {
  const cause = new ConfigurationError(['The user may not apply the pending migrations']);
  expect(explainDatabaseError(cause)).toMatchObject({ name: 'StackError', message: cause.message, exitCode: 78, cause });
});

it('explains a lost connection, which has no code', () => {
  const error = errorOf(undefined, 'Connection terminated unexpectedly');
  const message = 'The database rejected or aborted the operation (connection lost). Nothing has been changed.';
  expect(explainDatabaseError(error)).toMatchObject({ name: 'StackError', message, cause: error });
});

it.each([
  ['an error with its own explanation', new StackError('Nothing to back up.')],
  ['an error of the platform', Object.assign(new AppError('CONFLICT'), { code: '53100' })],
  ['an error of another program', errorOf('ERR_INVALID_ARG')],
  ['an error without a code', errorOf(undefined)],
  ['a value that is no error', { code: '53100' }],
])('returns %s unchanged', (_what, error) => {
  expect(explainDatabaseError(error)).toBe(error);
});
