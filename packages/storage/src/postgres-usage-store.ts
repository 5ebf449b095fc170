import { setTimeout as wait } from 'node:timers/promises';
import { AppError, type UsageRow } from '@prodigon/contracts';
import type { Configuration } from '@prodigon/platform/configuration';
import type { UsageRecord, UsageStore } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import { createDatabase, storableText, translateErrors } from './create-database.ts';
import { createDatabaseCheck, type DatabaseCheck } from './database-check.ts';
import type { Database } from './database-schema.ts';
import { findDatabaseUrls } from './database-urls.ts';
import { createDiskCheck } from './disk-space.ts';
import { createLazyMigration } from './lazy-migration.ts';

/** Rows per statement, to keep statements short and locks few. */
const ROWS_PER_PURGE = 10_000;

/** Creates a usage store in PostgreSQL. */
export function createPostgresUsageStore(db: Kysely<Database>): UsageStore {
  return translateErrors<UsageStore>({
    async record(records) {
      if (records.length === 0) return 0;
      // One JSON parameter costs much less CPU than one array for each column.
      await sql`
        insert into model.usage (id, at, owner_id, key_id, request_id, kind, provider, model, status, prompt_tokens,
                                 completion_tokens, estimated, cost_usd, attempts, ttft_ms, latency_ms)
        select id, at, "ownerId", "keyId", "requestId", kind, provider, model, status, "promptTokens",
               "completionTokens", estimated, "costUsd", attempts, "ttftMs", "latencyMs"
        from json_to_recordset(${JSON.stringify(records.map(toStorable))}::json) as record(
          id uuid, at timestamptz, "ownerId" text, "keyId" text, "requestId" text, kind text, provider text, model text, status text,
          "promptTokens" bigint, "completionTokens" bigint, estimated bool, "costUsd" numeric, attempts int,
          "ttftMs" float8, "latencyMs" float8
        )
        on conflict (id) do nothing
      `.execute(db);
      return records.length;
    },

    async summarize({ ownerId, from, to, unit, time_zone: zone, by, key, model }) {
      const hour = unit === 'hour' ? sql`extract(hour from at at time zone ${zone})::int as hour,` : sql``;
      const units = unit === 'hour' ? sql`day, hour` : sql`day`;
      const keyId = by === 'key' ? sql`, key_id` : sql``;
      const keyOrder = by === 'key' ? sql`, key_id nulls first` : sql``;
      const isSelected = [
        ownerId === null ? sql`true` : sql`owner_id = ${ownerId}`,
        ...(key === undefined ? [] : [sql`key_id = ${key}`]),
        ...(model === undefined ? [] : [sql`model = ${model}`]),
      ];
      const { rows } = await sql<UsageRow>`
        select to_char(at at time zone ${zone}, 'YYYY-MM-DD') as day, ${hour} provider, model, owner_id${keyId},
          count(*) as requests,
          count(*) filter (where status = 'failed') as failed,
          count(*) filter (where status = 'cancelled') as cancelled,
          count(*) filter (where estimated) as estimated,
          count(*) filter (where cost_usd is null and (status <> 'failed' or completion_tokens > 0)) as unpriced,
          sum(prompt_tokens) as prompt_tokens,
          sum(completion_tokens) as completion_tokens,
          coalesce(sum(cost_usd), 0) as cost_usd,
          sum(attempts) as attempts,
          round((percentile_cont(0.5) within group (order by ttft_ms))::numeric, 2)::float8 as ttft_p50_ms,
          round((percentile_cont(0.95) within group (order by ttft_ms))::numeric, 2)::float8 as ttft_p95_ms
        from model.usage
        where ${sql.join(isSelected, sql` and `)}
          and at >= ${from}::date::timestamp at time zone ${zone}
          and at < (${to}::date + 1)::timestamp at time zone ${zone}
        group by ${units}, provider, model, owner_id${keyId}
        order by ${units}, owner_id, provider, model${keyOrder}
      `.execute(db);
      return rows;
    },

    async purge({ olderThanDays }) {
      let purged = 0;
      for (;;) {
        const { numAffectedRows = 0n } = await sql`
          delete from model.usage where id = any(array(
            select id from model.usage where at < now() - ${olderThanDays}::int * interval '1 day'
            order by at limit ${ROWS_PER_PURGE} for update skip locked
          ))
        `.execute(db);
        purged += Number(numAffectedRows);
        if (numAffectedRows < ROWS_PER_PURGE) return purged;
      }
    },
  });
}

/** Cleans the fields that come from clients and providers. */
function toStorable(record: UsageRecord): UsageRecord {
  const { ownerId, keyId, requestId, provider, model } = record;
  return {
    ...record,
    ownerId: storableText(ownerId),
    keyId: keyId && storableText(keyId),
    requestId: storableText(requestId),
    provider: storableText(provider),
    model: storableText(model),
  };
}

export interface UsageStorage {
  readonly store: UsageStore;
  /** Undefined without a database. */
  readonly check: DatabaseCheck | undefined;
  close(): Promise<void>;
}

/** One connection each for writing, reading and purging. */
export const USAGE_CONNECTIONS_MAX = 3;
const CLOSE_TIMEOUT_MS = 1_000;

type UsageConfiguration = Pick<Configuration, 'DATABASE_URL' | 'DATA_DIR'> & Partial<Pick<Configuration, 'DATABASE_DIRECT_URL'>>;

/**
 * Opens the usage store in the configured database, or a no-op store without one. Does not connect, because the model
 * service works without the database. Migrates the database before its first use.
 */
export function openUsageStorage(configuration: UsageConfiguration): UsageStorage {
  const urls = findDatabaseUrls(configuration);
  if (urls === undefined) return { store: createNoopUsageStore(), check: undefined, close: async () => {} };
  const { db, close } = createDatabase({
    url: urls.url,
    isPooled: urls.isPooled,
    connectionsMax: USAGE_CONNECTIONS_MAX,
    isDiskFull: createDiskCheck(configuration),
  });
  const store = createPostgresUsageStore(db);
  // Callers keep their records until the database is repaired.
  const migrate = createLazyMigration(urls.directUrl, 'usage tables');
  return {
    store: {
      record: async (records) => migrate().then(() => store.record(records)),
      summarize: async (query) => migrate().then(() => store.summarize(query)),
      purge: async (options) => migrate().then(() => store.purge(options)),
    },
    check: createDatabaseCheck(db),
    // A connection that hangs in a statement must not delay the end of the process.
    close: () => Promise.race([close(), wait(CLOSE_TIMEOUT_MS, undefined, { ref: false })]),
  };
}

/** Creates a store that records nothing and rejects summaries, for a model service without a database. */
export function createNoopUsageStore(): UsageStore {
  return {
    record: async () => 0,
    async summarize() {
      throw new AppError('SERVICE_UNAVAILABLE', 'Usage is not recorded: the model service has no DATABASE_URL.');
    },
    purge: async () => 0,
  };
}
