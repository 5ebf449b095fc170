import type { UsageRow } from '@prodigon/contracts';
import type { UsageRecord, UsageStore } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import { translatingErrors } from './database-errors.ts';
import type { Database } from './database-schema.ts';
import { storable } from './storable-text.ts';

/** So many in one statement: none is long, and each holds few locks. */
const PURGED_AT_ONCE = 10_000;

/** Usage in PostgreSQL. Reading names the owner. */
export function createPostgresUsageStore(db: Kysely<Database>): UsageStore {
  return translatingErrors<UsageStore>({
    async record(records) {
      if (records.length === 0) return 0;
      // One text for all: preparing an array for each column cost a busy process more than the requests' own metrics.
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
            order by at limit ${PURGED_AT_ONCE} for update skip locked
          ))
        `.execute(db);
        purged += Number(numAffectedRows);
        if (numAffectedRows < PURGED_AT_ONCE) return purged;
      }
    },
  });
}

/** Names and ids come from callers and providers. */
function toStorable(record: UsageRecord): UsageRecord {
  const { ownerId, requestId, provider, model } = record;
  return {
    ...record,
    ownerId: storable(ownerId),
    requestId: storable(requestId),
    provider: storable(provider),
    model: storable(model),
  };
}
