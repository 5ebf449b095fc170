import type { UsageRow } from '@prodigon/contracts';
import type { UsageStore } from '@prodigon/ports';
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
      await sql`
        insert into model.usage (id, at, owner_id, request_id, kind, provider, model, status, prompt_tokens,
                                 completion_tokens, estimated, cost_usd, attempts, ttft_ms, latency_ms)
        select * from unnest(
          ${records.map(({ id }) => id)}::uuid[], ${records.map(({ at }) => at)}::timestamptz[],
          ${records.map(({ ownerId }) => storable(ownerId))}::text[], ${records.map(({ requestId }) => storable(requestId))}::text[],
          ${records.map(({ kind }) => kind)}::text[], ${records.map(({ provider }) => storable(provider))}::text[],
          ${records.map(({ model }) => storable(model))}::text[], ${records.map(({ status }) => status)}::text[],
          ${records.map(({ promptTokens }) => promptTokens)}::bigint[],
          ${records.map(({ completionTokens }) => completionTokens)}::bigint[],
          ${records.map(({ estimated }) => estimated)}::bool[], ${records.map(({ costUsd }) => costUsd)}::numeric[],
          ${records.map(({ attempts }) => attempts)}::int[], ${records.map(({ ttftMs }) => ttftMs)}::float8[],
          ${records.map(({ latencyMs }) => latencyMs)}::float8[]
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
