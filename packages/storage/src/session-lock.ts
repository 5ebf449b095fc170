import type { WorkerSession } from '@prodigon/ports';
import { type RawBuilder, sql } from 'kysely';
import type pg from 'pg';
import type { LockConnection } from './lock-connection.ts';

/** Arbitrary, but the same for all workers and different from other advisory locks. */
const LOCK_CLASS = 0x70726f65;

/** The lock of a worker's session, which shows the other workers that its process still runs. */
export interface SessionLock {
  /**
   * Acquires the lock of the session, or keeps it. Calls `onLost` when the connection that holds the lock ends. Throws
   * when the database is unreachable.
   */
  hold(session: WorkerSession, onLost: () => void): Promise<void>;
}

export function createSessionLock(connection: LockConnection): SessionLock {
  let held: { readonly client: pg.Client; readonly id: string } | undefined;
  return {
    async hold({ id }, onLost) {
      const client = await connection.open();
      if (held?.client === client && held.id === id) return;
      // A shared lock, because the server may still count an earlier, broken connection of this process.
      await client.query('select pg_advisory_lock_shared($1, hashtext($2))', [LOCK_CLASS, id]);
      held = { client, id };
      client.once('end', onLost);
    },
  };
}

/** Selects whether a process holds the lock of the session with this id. Acquires no lock itself. */
export function isSessionLocked(id: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`exists (
    select from pg_locks l
    where l.locktype = 'advisory' and l.granted and l.objsubid = 2 and l.classid = ${LOCK_CLASS}::bigint::oid
      and l.objid = (hashtext(${id}::text)::bigint & 4294967295)::oid
      and l.database = (select oid from pg_database where datname = current_database())
  )`;
}
