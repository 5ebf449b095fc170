import type { IdempotencyClaim, IdempotencyStore, IdempotentResponse } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import { translateErrors } from '../create-database.ts';
import type { Database } from '../database-schema.ts';
import { keyInFlightError, keyMismatchError } from './idempotency-errors.ts';

const TABLE = 'gateway.idempotency_keys';
const RETENTION = sql.lit('24 hours');
/** A key that expires between two statements is claimed by a repetition. */
const CLAIM_ATTEMPTS_MAX = 3;
const DELETIONS_MAX = 100;

const leaseEnd = (leaseMs: number) => sql<Date>`clock_timestamp() + ${leaseMs}::float8 * interval '1 millisecond'`;

/** Creates a store in PostgreSQL, whose primary key decides which of several requests uses a key. */
export function createPostgresIdempotencyStore(db: Kysely<Database>): IdempotencyStore {
  const isOf = ({ ownerId, route, key }: IdempotencyClaim) =>
    sql<boolean>`owner_id = ${ownerId} and route = ${route} and key = ${key}`;
  const isHeldBy = (claim: IdempotencyClaim) => sql<boolean>`${isOf(claim)} and claim_id = ${claim.id} and status is null`;

  /** Returns whether the claim holds the key: it is new, older than its retention, or its lease has expired. */
  async function insert({ ownerId, route, key, fingerprint, id, leaseMs }: IdempotencyClaim): Promise<boolean> {
    const { rows } = await sql`
      insert into gateway.idempotency_keys as k (owner_id, route, key, fingerprint, claim_id, lease_expires_at)
      values (${ownerId}, ${route}, ${key}, ${fingerprint}, ${id}, ${leaseEnd(leaseMs)})
      on conflict (owner_id, route, key) do update
      set fingerprint = excluded.fingerprint, claim_id = excluded.claim_id, lease_expires_at = excluded.lease_expires_at,
        created_at = excluded.created_at, status = null, headers = null, body = null,
        conversation_id = null
      where (k.status is null and k.lease_expires_at < clock_timestamp())
        or (k.status is not null and k.created_at < clock_timestamp() - interval ${RETENTION})
      returning 1
    `.execute(db);
    return rows.length > 0;
  }

  return translateErrors<IdempotencyStore>({
    async claim(claim): Promise<IdempotentResponse | undefined> {
      for (let attempt = 0; attempt < CLAIM_ATTEMPTS_MAX; attempt += 1) {
        if (await insert(claim)) return undefined;
        const earlier = await db
          .selectFrom(TABLE)
          .select(['fingerprint', 'status', 'headers', 'body'])
          .where(isOf(claim))
          .executeTakeFirst();
        if (!earlier) continue;
        const { fingerprint, status, headers, body } = earlier;
        if (!claim.fingerprint.equals(fingerprint)) throw keyMismatchError();
        if (status === null) throw keyInFlightError();
        return { status, headers: headers ?? {}, body: body ?? '' };
      }
      throw keyInFlightError();
    },

    async renew(claim) {
      await db
        .updateTable(TABLE)
        .set({ lease_expires_at: leaseEnd(claim.leaseMs) })
        .where(isHeldBy(claim))
        .execute();
    },

    async complete(claim, { status, headers, body, conversationId }) {
      await db
        .updateTable(TABLE)
        .set({ status, headers: JSON.stringify(headers), body, conversation_id: conversationId ?? null })
        .where(isHeldBy(claim))
        .execute();
      await sql`
        delete from gateway.idempotency_keys where ctid in (
          select ctid from gateway.idempotency_keys
          where created_at < clock_timestamp() - interval ${RETENTION}
          order by created_at limit ${DELETIONS_MAX} for update skip locked
        )
      `.execute(db);
    },

    async release(claim) {
      await db.deleteFrom(TABLE).where(isHeldBy(claim)).execute();
    },
  });
}
