import { startTemporaryPostgres } from './temporary-postgres.ts';

/** Where the tests find the server that they share. */
export const SHARED_POSTGRES_VARIABLE = 'PRODIGON_TEST_POSTGRES_URL';

/** Runs once before all tests: starts the server that they share, and returns how to stop it. */
export default async function startSharedPostgres(): Promise<() => Promise<void>> {
  // Nothing has to outlive this machine, and each test file has its own connections.
  const server = await startTemporaryPostgres({ fsync: 'off', full_page_writes: 'off', max_connections: '400' });
  // What vitest starts inherits it.
  process.env[SHARED_POSTGRES_VARIABLE] = server.url;
  return () => server.close();
}
