import { EXIT_CONFIGURATION } from '@prodigon/platform/configuration';
import { explainConnectionError } from '@prodigon/storage/connection-errors';
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
    throw refuse(explainConnectionError(url, error.code).reason, error);
  });
  const major = Math.floor(version / 10_000);
  if (major < OLDEST_MAJOR) throw refuse(`PostgreSQL ${major} answers there, and ${OLDEST_MAJOR} is the oldest that will do`);
}
