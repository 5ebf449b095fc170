import { decodeUrlPart } from '@prodigon/contracts';

/** Error codes that persist until an operator changes the configuration or the server. Other errors may pass. */
const PERMANENT = new Set(['28P01', '28000', '3D000', '42501']);

/** Codes of OpenSSL for a certificate whose authority is not trusted. */
const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Parameters of the URL that name a file. */
const FILE_PARAMETERS = ['sslrootcert', 'sslcert', 'sslkey'];

export interface ConnectionProblem {
  /** Reason as a clause without a period. Never contains the password. */
  readonly reason: string;
  /** Whether the problem persists until the configuration changes. */
  readonly isPermanent: boolean;
}

/** Explains why the database at `url` cannot be used. `thrown` is the error of the connection attempt. */
export function explainConnectionError(url: string, thrown: unknown): ConnectionProblem {
  const error = (thrown ?? {}) as NodeJS.ErrnoException;
  const parsed = new URL(url);
  const permanent = explainTls(parsed, error) ?? explainMissingPassword(parsed, error);
  if (permanent !== undefined) return { reason: permanent, isPermanent: true };
  return { reason: explainCode(parsed, error.code), isPermanent: error.code !== undefined && PERMANENT.has(error.code) };
}

const addressOf = ({ host }: URL) => (host === '' ? 'the default address' : host);
const userOf = ({ username }: URL) => JSON.stringify(decodeUrlPart(username));
const databaseOf = ({ pathname }: URL) => JSON.stringify(decodeUrlPart(pathname.slice(1)));

function explainTls(url: URL, { code = '', message, syscall, path }: NodeJS.ErrnoException): string | undefined {
  const address = addressOf(url);
  if (UNTRUSTED.has(code))
    return `no trusted authority has signed the certificate of the server at ${address} (${code}): add sslrootcert=<file with its authority> to the URL`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `the certificate of the server at ${address} has another host name: use that name in the URL`;
  if (code.startsWith('ERR_OSSL_')) return `the certificates or the key that the URL names cannot be used (${code})`;
  // The driver reads the files. Its own errors have no code.
  if (syscall === 'open' || syscall === 'read') {
    const parameter = FILE_PARAMETERS.find((name) => url.searchParams.get(name) === path) ?? 'the URL';
    return `the file that ${parameter} names cannot be read (${code}): ${path}`;
  }
  if (message === 'The server does not support SSL connections')
    return `the server at ${address} does not use TLS: enable it there, or remove sslmode from the URL`;
  return undefined;
}

function explainMissingPassword(url: URL, { code, message }: NodeJS.ErrnoException): string | undefined {
  const isRejected = code === '28P01' || (code === undefined && message?.startsWith('SASL: ') === true);
  if (!isRejected || url.password !== '' || url.searchParams.has('password')) return undefined;
  return `the server at ${addressOf(url)} requires a password for the user ${userOf(url)}: add it to the URL`;
}

function explainCode(url: URL, code: string | undefined): string {
  const address = addressOf(url);
  switch (code) {
    case '28P01':
      return `the server at ${address} does not accept the user ${userOf(url)} or its password`;
    case '28000':
      return url.searchParams.has('sslmode')
        ? `the server at ${address} does not admit the user ${userOf(url)}: check its pg_hba.conf`
        : `the server at ${address} does not admit the user ${userOf(url)} without TLS: add sslmode=verify-full to the URL, or check its pg_hba.conf`;
    case '42501':
      return `the user ${userOf(url)} may not connect to the database ${databaseOf(url)}: grant it CONNECT`;
    case '3D000':
      return `the server at ${address} has no database ${databaseOf(url)}`;
    case '53300':
      return `the server at ${address} has no free connections`;
    case '57P03':
      return `the server at ${address} is still starting`;
    case '25006':
      return `the server at ${address} is read-only: use the address of the primary`;
    case 'CERT_HAS_EXPIRED':
      return `the certificate of the server at ${address} has expired`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host ${address} cannot be found`;
  }
  if (code !== undefined && /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code))
    return `the server at ${address} rejected the connection (${code})`;
  return `no PostgreSQL server answers at ${address}${code ? ` (${code})` : ''}`;
}
