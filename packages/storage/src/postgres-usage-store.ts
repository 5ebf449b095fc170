import type { UsageRow } from '@prodigon/contracts';
import type { UsageRecord, UsageStore } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import { storableText } from './create-database.ts';
import { translateErrors } from './database-errors.ts';
import type { Database } from './database-schema.ts';

/** Rows per statement, to keep statements short and locks few. */
const ROWS_PER_PURGE = 10_000;

/** Stores usage in PostgreSQL. */
export function createPostgresUsageStore(db: Kysely<Database>): UsageStore {
  return translateErrors<UsageStore>({
    async record(records) {
      if (records.length === 0) return 0;
      // One JSON parameter: preparing one array for each column cost more CPU than the metrics of the requests.
      await sql`
        insert into model.usage (id, at, owner_id, request_id, kind, provider, model, status, prompt_tokens,
                                 completion_tokens, estimated, cost_usd, attempts, ttft_ms, latency_ms)
        select id, at, "ownerId", "requestId", kind, provider, model, status, "promptTokens",
               "completionTokens", estimated, "costUsd", attempts, "ttftMs", "latencyMs"
        from json_to_recordset(${JSON.stringify(records.map(toStorable))}::json) as record(
          id uuid, at timestamptz, "ownerId" text, "requestId" text, kind text, provider text, model text, status text,
          "promptTokens" bigint, "completionTokens" bigint, estimated bool, "costUsd" numeric, attempts int,
          "ttftMs" float8, "latencyMs" float8
        )
        on conflict (id) do nothing
      `.execute(db);
      return records.length;
    },

    async summarize({ ownerId, from, to }) {
      const { rows } = await sql<UsageRow>`
        select to_char(at at time zone 'UTC', 'YYYY-MM-DD') as day, provider, model, owner_id,
          count(*) as requests,
          count(*) filter (where status = 'failed') as failed,
          count(*) filter (where status = 'cancelled') as cancelled,
          count(*) filter (where estimated) as estimated,
          count(*) filter (where cost_usd is null and (status <> 'failed' or completion_tokens > 0)) as unpriced,
          sum(prompt_tokens) as prompt_tokens,
          sum(completion_tokens) as completion_tokens,
          coalesce(sum(cost_usd), 0) as cost_usd,
          sum(attempts) as attempts,
          percentile_cont(0.5) within group (order by ttft_ms) as ttft_p50_ms,
          percentile_cont(0.95) within group (order by ttft_ms) as ttft_p95_ms
        from model.usage
        where owner_id = ${ownerId}
          and at >= ${from}::date::timestamp at time zone 'UTC'
          and at < (${to}::date + 1)::timestamp at time zone 'UTC'
        group by day, provider, model, owner_id
        order by day, provider, model
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
  const { ownerId, requestId, provider, model } = record;
  return {
    ...record,
    ownerId: storableText(ownerId),
    requestId: storableText(requestId),
    provider: storableText(provider),
    model: storableText(model),
  };
}
