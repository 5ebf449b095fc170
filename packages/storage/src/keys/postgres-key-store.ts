import { AppError } from '@prodigon/contracts';
import type { KeyChanges, KeyRecord, KeyStore } from '@prodigon/ports';
import { type Kysely, type Selectable, sql, type Updateable } from 'kysely';
import { storableText, translateErrors } from '../create-database.ts';
import type { ApiKeysTable, Database } from '../database-schema.ts';

const TABLE = 'gateway.api_keys';
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Creates a store of API keys in PostgreSQL. All times are those of the database. */
export function createPostgresKeyStore(db: Kysely<Database>): KeyStore {
  const selectKey = (id: string, ownerId: string | null) =>
    db
      .selectFrom(TABLE)
      .selectAll()
      .where('id', '=', idOf(id))
      .$if(ownerId !== null, (query) => query.where('owner_id', '=', ownerId));

  const updateKey = (id: string, ownerId: string | null) =>
    db
      .updateTable(TABLE)
      .where('id', '=', idOf(id))
      .$if(ownerId !== null, (query) => query.where('owner_id', '=', ownerId))
      .returningAll();

  async function get(id: string, ownerId: string | null): Promise<KeyRecord> {
    return toRecord(await selectKey(id, ownerId).executeTakeFirst());
  }

  return translateErrors<KeyStore>({
    async create({ id, name, ownerId, role, parentId, hash, ...options }) {
      const row = await db
        .insertInto(TABLE)
        .values({
          ...toColumns(options),
          id,
          name: storableText(name),
          owner_id: ownerId,
          role,
          parent_id: parentId,
          hash: Buffer.from(hash),
        })
        .returningAll()
        .executeTakeFirst();
      return toRecord(row);
    },

    async list(ownerId) {
      const rows = await db
        .selectFrom(TABLE)
        .selectAll()
        .$if(ownerId !== null, (query) => query.where('owner_id', '=', ownerId))
        .orderBy('id', 'desc')
        .execute();
      return rows.map(toRecord);
    },

    get,

    async update(id, ownerId, changes) {
      const columns = toColumns(changes);
      if (Object.keys(columns).length === 0) return get(id, ownerId);
      return toRecord(await updateKey(id, ownerId).set(columns).executeTakeFirst());
    },

    async revoke(id, ownerId, memberKeyId) {
      const revokedAt = sql<Date>`coalesce(revoked_at, now())`;
      const revokedBy = sql<string | null>`case when revoked_at is null or ${memberKeyId}::text is null then ${memberKeyId}::text
        else revoked_by end`;
      const row = await updateKey(id, ownerId).set({ revoked_at: revokedAt, revoked_by: revokedBy }).executeTakeFirst();
      return toRecord(row);
    },

    async restore(id, ownerId, memberKeyId, withinMs) {
      const oldest = sql<Date>`now() - ${withinMs}::float8 * interval '1 millisecond'`;
      const row = await updateKey(id, ownerId)
        .set({ revoked_at: null, revoked_by: null })
        .where(({ or, eb }) => or([eb('revoked_at', 'is', null), eb('revoked_at', '>=', oldest)]))
        .$if(memberKeyId !== null, (query) =>
          query.where(({ or, eb }) => or([eb('revoked_at', 'is', null), eb('revoked_by', '=', memberKeyId)])),
        )
        .executeTakeFirst();
      if (row) return toRecord(row);
      const revoked = await selectKey(id, ownerId).executeTakeFirst();
      if (revoked && memberKeyId !== null && revoked.revoked_by !== memberKeyId)
        throw new AppError('FORBIDDEN', 'Your key did not revoke this key. An administrator can restore it.');
      toRecord(revoked);
      throw new AppError('CONFLICT', 'The API key was revoked too long ago to restore it. Create a new key.');
    },

    async rotate(id, ownerId, hash, overlapMs) {
      const hasOverlap = overlapMs > 0;
      const row = await updateKey(id, ownerId)
        .set({
          hash: Buffer.from(hash),
          previous_hash: hasOverlap ? sql<Buffer>`hash` : null,
          previous_expires_at: hasOverlap
            ? sql<Date>`case when hash is not null then now() + ${overlapMs}::float8 * interval '1 millisecond' end`
            : null,
        })
        .where('revoked_at', 'is', null)
        // A rotation that is repeated must not end a value that was promised to remain valid.
        .$if(hasOverlap, (query) =>
          query.where(({ or, eb }) =>
            or([eb('previous_expires_at', 'is', null), eb('previous_expires_at', '<=', sql<Date>`now()`)]),
          ),
        )
        .executeTakeFirst();
      if (row) return toRecord(row);
      const { revokedAt, previousExpiresAt } = await get(id, ownerId);
      if (revokedAt === null)
        throw new AppError(
          'CONFLICT',
          `The previous value is valid until ${previousExpiresAt?.toISOString()}. Rotate with an overlap of 0 to end it now.`,
        );
      throw new AppError('CONFLICT', 'The API key is revoked. Restore it first, or create a new key.');
    },

    async version() {
      const { rows } = await sql<{ version: number }>`select version from gateway.api_keys_version`.execute(db);
      return rows[0]?.version ?? 0;
    },

    async readAll() {
      const rows = await db
        .selectFrom(TABLE)
        .selectAll()
        .where('revoked_at', 'is', null)
        // The clocks of machines differ, and the directory compares the time itself.
        .where(({ or, eb }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', sql<Date>`now() - interval '1 hour'`)]))
        .execute();
      return rows.map((row) => ({ ...toRecord(row), hash: row.hash, previousHash: row.previous_hash }));
    },

    async recordUse(uses) {
      if (uses.size === 0) return;
      const records = JSON.stringify([...uses].map(([id, at]) => ({ id, at })));
      await sql`
        update gateway.api_keys as key set last_used_at = used.at
        from json_to_recordset(${records}::json) as used(id uuid, at timestamptz)
        where key.id = used.id and (key.last_used_at is null or key.last_used_at < used.at)
      `.execute(db);
    },
  });
}

/** Throws `API_KEY_NOT_FOUND` for anything that is not a UUID, as for a key that does not exist. */
function idOf(id: string): string {
  if (!UUID.test(id)) throw new AppError('API_KEY_NOT_FOUND');
  return id;
}

/** Returns the columns of the properties that are present. */
function toColumns({ name, role, expiresAt, limits, budget, models }: KeyChanges): Updateable<ApiKeysTable> {
  const columns: Updateable<ApiKeysTable> = {
    name: name && storableText(name),
    role,
    expires_at: expiresAt,
    requests_per_min: limits?.requests_per_min,
    tokens_per_min: limits?.tokens_per_min,
    streams_max: limits?.streams,
    ...budget,
    models: models === null ? null : models?.map(storableText),
  };
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
}

/** Throws `API_KEY_NOT_FOUND` for a row that does not exist. */
function toRecord(row: Selectable<ApiKeysTable> | undefined): KeyRecord {
  if (!row) throw new AppError('API_KEY_NOT_FOUND');
  const { requests_per_min, tokens_per_min, streams_max } = row;
  const { usd_per_day, usd_per_month, tokens_per_day, tokens_per_month } = row;
  return {
    id: row.id,
    name: row.name,
    ownerId: row.owner_id,
    role: row.role,
    parentId: row.parent_id,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    previousExpiresAt: row.previous_expires_at,
    limits: { requests_per_min, tokens_per_min, streams: streams_max },
    budget: { usd_per_day, usd_per_month, tokens_per_day, tokens_per_month },
    models: row.models,
  };
}
