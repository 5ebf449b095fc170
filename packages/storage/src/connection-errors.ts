/** Codes of errors that a restart does not resolve: authentication and a missing database. */
const PERMANENT = new Set(['28P01', '28000', '3D000']);

export interface ConnectionProblem {
  /** Reason as part of a sentence, without the password. */
  readonly reason: string;
  /** Whether the problem persists until somebody changes the configuration. */
  readonly isPermanent: boolean;
}

/** Returns why the database at `url` cannot be used, by the error code of the connection attempt. */
export function explainConnectionError(url: string, code: string | undefined): ConnectionProblem {
  return { reason: explainCode(new URL(url), code), isPermanent: code !== undefined && PERMANENT.has(code) };
}

function explainCode({ host, pathname, username }: URL, code: string | undefined): string {
  const address = host === '' ? 'the default address' : host;
  const name = decodeURIComponent(pathname.slice(1));
  if (code === '28P01' || code === '28000')
    return `the server at ${address} does not accept the user "${decodeURIComponent(username)}" or its password`;
  if (code === '3D000') return `the server at ${address} has no database "${name}"`;
  if (code === '53300') return `the server at ${address} has no connection left`;
  if (code === '57P03') return `the server at ${address} is only just starting`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `there is no machine called ${address}`;
  return `no PostgreSQL server answers at ${address}${code ? ` (${code})` : ''}`;
}
