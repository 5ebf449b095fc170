/** What starting again would not cure: who is let in, and whether there is such a database. */
const LASTING = new Set(['28P01', '28000', '3D000']);

export interface UnusableDatabase {
  /** Why, as a part of a sentence without the password. */
  readonly why: string;
  /** Whether it stays so until somebody changes something. */
  readonly isLasting: boolean;
}

/** Why the database at `url` cannot be used, going by the code that was thrown while connecting to it. */
export function explainConnectionError(url: string, code: string | undefined): UnusableDatabase {
  return { why: explain(new URL(url), code), isLasting: code !== undefined && LASTING.has(code) };
}

function explain({ host, pathname, username }: URL, code: string | undefined): string {
  const where = host === '' ? 'the default address' : host;
  const name = decodeURIComponent(pathname.slice(1));
  if (code === '28P01' || code === '28000')
    return `the server at ${where} does not accept the user "${decodeURIComponent(username)}" or its password`;
  if (code === '3D000') return `the server at ${where} has no database "${name}"`;
  if (code === '53300') return `the server at ${where} has no connection left`;
  if (code === '57P03') return `the server at ${where} is only just starting`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `there is no machine called ${where}`;
  return `no PostgreSQL server answers at ${where}${code ? ` (${code})` : ''}`;
}
