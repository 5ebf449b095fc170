import type { StackEvent } from '../stack-event.ts';
import type { StackSettings } from '../stack-settings.ts';
import { checkDatabase } from './check-database.ts';
import { EmbeddedDatabase } from './embedded-database.ts';

export interface OpenDatabase {
  /** With the password, as DATABASE_URL has it. */
  readonly url: string;
  /** As people call it. */
  readonly name: string;
  /** Stops what was started for this. */
  close(): Promise<void>;
  /** As `close`, at once. */
  kill(): void;
}

/**
 * The platform's database for a command: the one of DATABASE_URL, else the embedded one, which is started when it does
 * not run. Throws a `StackError` when it cannot be had.
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
  const embedded = new EmbeddedDatabase({ dataDirectory, onEvent });
  const url = await embedded.start();
  return { url, name: `the database in ${dataDirectory}`, close: () => embedded.stop(), kill: () => embedded.kill() };
}
