import { StackError } from '../stack-error.ts';
import { ensureSystemUser, type RunProgram, type SystemUser } from '../system-user.ts';

/** The operating system user that runs the server. */
export type ServerUser = SystemUser;

const NAME = 'postgres';

/**
 * Returns the user for the server; null when the server can run as the current user. PostgreSQL does not run as root, so
 * root receives the user `postgres`, which this function creates if necessary. Throws a `StackError` when that fails.
 */
export function findServerUser(currentUid = process.getuid?.(), run?: RunProgram): ServerUser | null {
  if (currentUid !== 0) return null;
  const user = ensureSystemUser(NAME, run);
  if (!user) {
    throw new StackError(
      `PostgreSQL does not run as root, and the user "${NAME}" could not be created. Start Prodigon as another user, or set DATABASE_URL.`,
    );
  }
  return user;
}
