import { EXIT_CONFIGURATION } from '@prodigon/platform/configuration';
import { explainConnectionError } from '@prodigon/storage/connection-errors';
import { StackError } from '../stack-error.ts';
import { withConnection } from './connect-database.ts';

const OLDEST_MAJOR = 14;

/** Throws a `StackError` (78) with one sentence, without the password, when Prodigon cannot use the configured database. */
export async function checkDatabase(url: string): Promise<void> {
  const rejection = (reason: string, cause?: unknown) =>
    new StackError(`DATABASE_URL cannot be used: ${reason}.`, EXIT_CONFIGURATION, { cause });
  const version = await withConnection(url, async (client) => {
    const { rows } = await client.query<{ version: string }>("SELECT current_setting('server_version_num') AS version");
    return Number(rows[0]?.version);
  }).catch((error: { code?: string }) => {
    throw rejection(explainConnectionError(url, error.code).reason, error);
  });
  const major = Math.floor(version / 10_000);
  if (major < OLDEST_MAJOR)
    throw rejection(`the server runs PostgreSQL ${major}, and Prodigon requires ${OLDEST_MAJOR} or later`);
}
