import type { StackEvent } from '../stack-event.ts';
import type { StackSettings } from '../stack-settings.ts';
import { checkDatabase } from './check-database.ts';
import { createEmbeddedDatabase } from './embedded-database.ts';

export interface OpenDatabase {
  /** A URL in the format of DATABASE_URL, with the password. */
  readonly url: string;
  /** The name of the database in messages. */
  readonly name: string;
  /** Stops the database if `openDatabase` started it. */
  close(): Promise<void>;
  /** Like `close`, but immediately. */
  kill(): void;
}

/**
 * Opens the platform's database for a command: the database at DATABASE_URL, otherwise the embedded database. Starts the
 * embedded database if it does not run. Throws a `StackError` when the database is not available.
 */
export async function openDatabase(settings: StackSettings, onEvent: (event: StackEvent) => void): Promise<OpenDatabase> {
  const { DATABASE_URL } = settings.configuration;
  if (DATABASE_URL !== undefined) {
    await checkDatabase(DATABASE_URL);
    const { host, pathname } = new URL(DATABASE_URL);
    return {
      url: DATABASE_URL,
      name: `the database${pathname.length > 1 ? ` ${pathname.slice(1)}` : ''} at ${host}`,
      close: async () => {},
      kill: () => {},
    };
  }
  const { dataDirectory } = settings;
  const embedded = createEmbeddedDatabase({ dataDirectory, onEvent });
  const url = await embedded.start();
  return { url, name: `the database in ${dataDirectory}`, close: () => embedded.stop(), kill: () => embedded.kill() };
}
