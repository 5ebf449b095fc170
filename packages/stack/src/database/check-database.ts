import { type Configuration, EXIT_CONFIGURATION } from '@prodigon/platform/configuration';
import { explainConnectionError } from '@prodigon/storage/connection-errors';
import { StackError } from '../stack-error.ts';
import { withConnection } from './connect-database.ts';

const OLDEST_MAJOR = 14;

/** The settings that contain the URL of a database. */
export type DatabaseVariable = 'DATABASE_URL' | 'DATABASE_DIRECT_URL';

/**
 * Throws a `StackError` with one sentence, without the password, when Prodigon cannot use the configured database. Its exit
 * code is 78, or 1 when the problem may pass.
 */
export async function checkDatabase(url: string, variable: DatabaseVariable = 'DATABASE_URL'): Promise<void> {
  const rejection = (reason: string, exitCode: number, cause?: unknown) =>
    new StackError(`${variable} cannot be used: ${reason}.`, exitCode, { cause });
  const version = await withConnection(url, async (client) => {
    const { rows } = await client.query<{ version: string }>("SELECT current_setting('server_version_num') AS version");
    return Number(rows[0]?.version);
  }).catch((error: unknown) => {
    const { reason, isPermanent } = explainConnectionError(url, error);
    throw rejection(reason, isPermanent ? EXIT_CONFIGURATION : 1, error);
  });
  const major = Math.floor(version / 10_000);
  if (major < OLDEST_MAJOR) {
    const reason = `the server runs PostgreSQL ${major}, and Prodigon requires ${OLDEST_MAJOR} or later`;
    throw rejection(reason, EXIT_CONFIGURATION);
  }
}

/** Checks all configured URLs of the database. Throws a `StackError`. */
export async function checkConfiguredDatabase(configuration: Pick<Configuration, DatabaseVariable>): Promise<void> {
  for (const variable of ['DATABASE_URL', 'DATABASE_DIRECT_URL'] as const) {
    const url = configuration[variable];
    if (url !== undefined) await checkDatabase(url, variable);
  }
}
