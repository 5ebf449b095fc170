/** Error codes that persist after a restart: failed authentication and a missing database. */
const PERMANENT = new Set(['28P01', '28000', '3D000']);

export interface ConnectionProblem {
  /** Reason as a clause without a period. Never contains the password. */
  readonly reason: string;
  /** Whether the problem persists until the configuration changes. */
  readonly isPermanent: boolean;
}

/** Explains why the database at `url` cannot be used. `code` is the error code of the connection attempt. */
export function explainConnectionError(url: string, code: string | undefined): ConnectionProblem {
  return { reason: explainCode(new URL(url), code), isPermanent: code !== undefined && PERMANENT.has(code) };
}

function explainCode({ host, pathname, username }: URL, code: string | undefined): string {
  const address = host === '' ? 'the default address' : host;
  const name = decodeURIComponent(pathname.slice(1));
  if (code === '28P01' || code === '28000')
    return `the server at ${address} does not accept the user "${decodeURIComponent(username)}" or its password`;
  if (code === '3D000') return `the server at ${address} has no database "${name}"`;
  if (code === '53300') return `the server at ${address} has no free connections`;
  if (code === '57P03') return `the server at ${address} is still starting`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `the host ${address} cannot be found`;
  return `no PostgreSQL server answers at ${address}${code ? ` (${code})` : ''}`;
}
