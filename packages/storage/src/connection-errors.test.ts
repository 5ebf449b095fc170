import { expect, it } from 'vitest';
import { explainConnectionError } from './connection-errors.ts';

const URL = 'postgresql://a%40da:hunter2@db.example:5433/my%20jobs';
const REJECTED = 'the server at db.example:5433 does not accept the user "a@da" or its password';

it.each([
  ['28P01', REJECTED, true],
  ['28000', REJECTED, true],
  ['3D000', 'the server at db.example:5433 has no database "my jobs"', true],
  ['53300', 'the server at db.example:5433 has no free connections', false],
  ['57P03', 'the server at db.example:5433 is still starting', false],
  ['ENOTFOUND', 'the host db.example:5433 cannot be found', false],
  ['EAI_AGAIN', 'the host db.example:5433 cannot be found', false],
  ['ECONNREFUSED', 'no PostgreSQL server answers at db.example:5433 (ECONNREFUSED)', false],
  [undefined, 'no PostgreSQL server answers at db.example:5433', false],
])('explains %s without the password', (code, reason, isPermanent) => {
  expect(explainConnectionError(URL, code)).toEqual({ reason, isPermanent });
});

it('explains an error of a URL without a host', () => {
  const { reason } = explainConnectionError('postgresql:///prodigon', 'ECONNREFUSED');
  expect(reason).toBe('no PostgreSQL server answers at the default address (ECONNREFUSED)');
});
