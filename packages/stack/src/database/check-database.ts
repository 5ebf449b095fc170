import { EXIT_CONFIGURATION } from '@prodigon/platform';
import { StackError } from '../stack-error.ts';
import { withConnection } from './connect-database.ts';

const OLDEST_MAJOR = 14;

/** Throws a `StackError` (78) of one sentence, without the password, when the configured database cannot be used. */
export async function checkDatabase(url: string): Promise<void> {
  const refuse = (why: string, cause?: unknown) =>
    new StackError(`DATABASE_URL cannot be used: ${why}.`, EXIT_CONFIGURATION, { cause });
  const version = await withConnection(url, async (client) => {
    const { rows } = await client.query<{ version: string }>("SELECT current_setting('server_version_num') AS version");
    return Number(rows[0]?.version);
  }).catch((error: { code?: string }) => {
    throw refuse(explain(new URL(url), error.code), error);
  });
  const major = Math.floor(version / 10_000);
  if (major < OLDEST_MAJOR) throw refuse(`PostgreSQL ${major} answers there, and ${OLDEST_MAJOR} is the oldest that will do`);
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
