import { expect, it } from 'vitest';
import { explainConnectionError } from './connection-errors.ts';

const URL = 'postgresql://a%40da:hunter2@db.example:5433/my%20jobs';
const SERVER = 'the server at db.example:5433';
const errorOf = (code: string | undefined, properties: object = {}) => Object.assign(new Error('failed'), { code }, properties);

it.each([
  ['28P01', `${SERVER} does not accept the user "a@da" or its password`, true],
  [
    '28000',
    `${SERVER} does not admit the user "a@da" without TLS: add sslmode=verify-full to the URL, or check its pg_hba.conf`,
    true,
  ],
  ['42501', 'the user "a@da" may not connect to the database "my jobs": grant it CONNECT', true],
  ['3D000', `${SERVER} has no database "my jobs"`, true],
  ['53300', `${SERVER} has no free connections`, false],
  ['57P03', `${SERVER} is still starting`, false],
  ['25006', `${SERVER} is read-only: use the address of the primary`, false],
  ['08P01', `${SERVER} rejected the connection (08P01)`, false],
  ['CERT_HAS_EXPIRED', `the certificate of ${SERVER} has expired`, false],
  ['ENOTFOUND', 'the host db.example:5433 cannot be found', false],
  ['EAI_AGAIN', 'the host db.example:5433 cannot be found', false],
  ['ECONNREFUSED', 'no PostgreSQL server answers at db.example:5433 (ECONNREFUSED)', false],
  ['EPERM', 'no PostgreSQL server answers at db.example:5433 (EPERM)', false],
  [undefined, 'no PostgreSQL server answers at db.example:5433', false],
  [
    'SELF_SIGNED_CERT_IN_CHAIN',
    `no trusted authority has signed the certificate of ${SERVER} (SELF_SIGNED_CERT_IN_CHAIN): add sslrootcert=<file with its authority> to the URL`,
    true,
  ],
  ['ERR_TLS_CERT_ALTNAME_INVALID', `the certificate of ${SERVER} has another host name: use that name in the URL`, true],
  [
    'ERR_OSSL_PEM_NO_START_LINE',
    'the certificates or the key that the URL names cannot be used (ERR_OSSL_PEM_NO_START_LINE)',
    true,
  ],
])('explains %s without the password', (code, reason, isPermanent) => {
  expect(explainConnectionError(URL, errorOf(code))).toEqual({ reason, isPermanent });
});

it('explains an error of a URL with names that are not escaped', () => {
  const { reason } = explainConnectionError('postgresql://50%off:x@db.example/100%', errorOf('42501'));
  expect(reason).toBe('the user "50%off" may not connect to the database "100%": grant it CONNECT');
});

it('explains an error of a URL without a host', () => {
  const { reason } = explainConnectionError('postgresql:///prodigon', errorOf('ECONNREFUSED'));
  expect(reason).toBe('no PostgreSQL server answers at the default address (ECONNREFUSED)');
});

it('explains a rejected connection that already uses TLS', () => {
  expect(explainConnectionError(`${URL}?sslmode=verify-full`, errorOf('28000'))).toEqual({
    reason: `${SERVER} does not admit the user "a@da": check its pg_hba.conf`,
    isPermanent: true,
  });
});

it('explains a server without TLS, whose error has no code', () => {
  const error = errorOf(undefined, { message: 'The server does not support SSL connections' });
  expect(explainConnectionError(`${URL}?sslmode=verify-full`, error)).toEqual({
    reason: `${SERVER} does not use TLS: enable it there, or remove sslmode from the URL`,
    isPermanent: true,
  });
});

it.each([
  ['sslrootcert', 'open', 'ENOENT'],
  ['sslkey', 'read', 'EISDIR'],
])('names the parameter %s when its file cannot be read', (parameter, syscall, code) => {
  const url = `${URL}?sslmode=verify-full&${parameter}=/etc/tls%20files/it.pem`;
  expect(explainConnectionError(url, errorOf(code, { syscall, path: '/etc/tls files/it.pem' }))).toEqual({
    reason: `the file that ${parameter} names cannot be read (${code}): /etc/tls files/it.pem`,
    isPermanent: true,
  });
});

it('does not take a missing Unix socket for a missing file', () => {
  const error = errorOf('ENOENT', { syscall: 'connect', path: '/run/postgresql/.s.PGSQL.5432' });
  expect(explainConnectionError(URL, error).reason).toBe('no PostgreSQL server answers at db.example:5433 (ENOENT)');
});

it.each([
  ['28P01', 'rejected'],
  // The driver has no code for a server that asks for a password.
  [undefined, 'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'],
])('explains a missing password (%s)', (code, message) => {
  expect(explainConnectionError('postgresql://ada@db.example/jobs', errorOf(code, { message }))).toEqual({
    reason: 'the server at db.example requires a password for the user "ada": add it to the URL',
    isPermanent: true,
  });
});
