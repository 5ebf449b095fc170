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
 * Opens the platform's database for a command: the configured database, otherwise the embedded database. Starts the
 * embedded database if it does not run. Throws a `StackError` when the database is not available.
 */
export async function openDatabase(settings: StackSettings, onEvent: (event: StackEvent) => void): Promise<OpenDatabase> {
  const { DATABASE_URL, DATABASE_DIRECT_URL } = settings.configuration;
  // The transactions of commands are long, and their locks exclude services.
  const configuredUrl = DATABASE_DIRECT_URL ?? DATABASE_URL;
  if (configuredUrl !== undefined) {
    await checkDatabase(configuredUrl, DATABASE_DIRECT_URL === undefined ? 'DATABASE_URL' : 'DATABASE_DIRECT_URL');
    const { host, pathname } = new URL(configuredUrl);
    return {
      url: configuredUrl,
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
