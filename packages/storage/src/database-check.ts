import { setTimeout as wait } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type { Database } from './database-schema.ts';

/** Returns whether the database responds within a second, and its round trip in milliseconds. Never throws. */
export type DatabaseCheck = () => Promise<{ ok: boolean; latency_ms?: number; detail?: string }>;

const TIMEOUT_MS = 1_000;

/** Creates the check of the database for the readiness of a service. Concurrent checks share one query, which a database that hangs may never end. */
export function createDatabaseCheck(db: Kysely<Database>): DatabaseCheck {
  let query: ReturnType<DatabaseCheck> | undefined;

  async function measure() {
    const startedAt = performance.now();
    await sql`select 1`.execute(db);
    return { ok: true, latency_ms: Math.round((performance.now() - startedAt) * 100) / 100 };
  }

  return async () => {
    query ??= measure().finally(() => {
      query = undefined;
    });
    const timeout = wait(TIMEOUT_MS, { ok: false, detail: 'The database did not respond within a second.' }, { ref: false });
    return Promise.race([query, timeout]).catch(() => ({ ok: false, detail: 'The database is unreachable.' }));
  };
}
