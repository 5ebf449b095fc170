import { randomUUIDv7 } from 'node:crypto';
import type { ApiKeySpending } from '@prodigon/contracts';
import type { BudgetDemand, BudgetStore } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import { translateErrors } from '../create-database.ts';
import type { Database } from '../database-schema.ts';
import { findRefusal, type KeyBalance } from './budget-decision.ts';

/** Reservations per transaction, to keep locks few. The next call settles the rest. */
const EXPIRED_PER_CALL = 100;

const TODAY = sql`(now() at time zone 'UTC')::date`;
const THIS_MONTH = sql`date_trunc('month', now() at time zone 'UTC')::date`;

/** Counts that are current. A count of the future belongs to a transaction that waited for the lock beyond midnight. */
const CURRENT_COUNTS = sql`
  case when s.day >= ${TODAY} then s.day_tokens else 0 end as "dayTokens",
  case when s.day >= ${TODAY} then s.day_usd else 0 end as "dayUsd",
  case when s.month >= ${THIS_MONTH} then s.month_tokens else 0 end as "monthTokens",
  case when s.month >= ${THIS_MONTH} then s.month_usd else 0 end as "monthUsd",
  (${TODAY} + 1)::timestamp at time zone 'UTC' as "dayEndsAt",
  (${THIS_MONTH} + interval '1 month') at time zone 'UTC' as "monthEndsAt"
`;

type CurrentCounts = Pick<KeyBalance, 'dayTokens' | 'dayUsd' | 'monthTokens' | 'monthUsd' | 'dayEndsAt' | 'monthEndsAt'>;

/**
 * Creates a budget store in PostgreSQL, by the clock of the database. Every change of a counter or of the reservations of a
 * key holds the lock on the counter of the key. Transactions lock counters in the order of their ids, after reservations,
 * so that no deadlock is possible.
 */
export function createPostgresBudgetStore(db: Kysely<Database>): BudgetStore {
  return translateErrors<BudgetStore>({
    async reserve(demand) {
      const id = randomUUIDv7();
      await db.transaction().execute(async (trx) => {
        await lockCounters(trx, demand.keyIds);
        // A statement of its own, because it has to read what other transactions committed before this one got the locks.
        const balances = await readBalances(trx, demand.keyIds);
        const refusal = findRefusal(balances, demand);
        if (refusal !== null) throw refusal;
        await insertReservations(trx, id, demand);
      });
      return id;
    },

    async settle(reservationId, spent) {
      await sql`
        with settled as (
          delete from gateway.budget_reservations where id = ${reservationId}
          returning key_id, ${spent.tokens}::numeric as tokens, ${spent.usd}::numeric as usd
        )
        ${addToCounters}
      `.execute(db);
    },

    async settleExpired() {
      const { rows } = await sql<{ count: number }>`
        with expired as (
          select id, key_id from gateway.budget_reservations where expires_at < now()
          order by id, key_id limit ${EXPIRED_PER_CALL} for update skip locked
        ), gone as (
          delete from gateway.budget_reservations r using expired e where r.id = e.id and r.key_id = e.key_id
          returning r.id, r.key_id
        ), settled as (
          select g.key_id, sum(u.prompt_tokens + u.completion_tokens) as tokens, sum(coalesce(u.cost_usd, 0)) as usd
          from gone g join model.usage u on u.id = g.id group by g.key_id
        ), counted as (
          ${addToCounters} returning s.key_id
        )
        select (select count(*) from gone) as count, (select count(*) from counted) as counted
      `.execute(db);
      return rows[0]?.count ?? 0;
    },

    async spendingOf(keyIds) {
      const { rows } = await sql<CurrentCounts & { keyId: string }>`
        select s.key_id as "keyId", ${CURRENT_COUNTS} from gateway.key_spending s where s.key_id::text = any(${[...keyIds]}::text[])
      `.execute(db);
      return new Map(rows.map(({ keyId, ...counts }) => [keyId, toSpending(counts)]));
    },
  });
}

/** Adds the rows of `settled` to the counters. A new day or month starts from zero. */
const addToCounters = sql`
  update gateway.key_spending s set
    day = greatest(s.day, ${TODAY}),
    day_tokens = case when s.day >= ${TODAY} then s.day_tokens else 0 end + c.tokens,
    day_usd = case when s.day >= ${TODAY} then s.day_usd else 0 end + c.usd,
    month = greatest(s.month, ${THIS_MONTH}),
    month_tokens = case when s.month >= ${THIS_MONTH} then s.month_tokens else 0 end + c.tokens,
    month_usd = case when s.month >= ${THIS_MONTH} then s.month_usd else 0 end + c.usd
  from (
    select l.key_id, settled.tokens, settled.usd from gateway.key_spending l join settled using (key_id)
    order by l.key_id for update of l
  ) c
  where s.key_id = c.key_id
`;

/** Locks the counters of the keys, and creates those that are missing. */
async function lockCounters(trx: Kysely<Database>, keyIds: readonly string[]): Promise<void> {
  const lock = async () => {
    const ids = [...keyIds];
    return await sql`
      select key_id from gateway.key_spending where key_id = any(${ids}::uuid[]) order by key_id for update
    `.execute(trx);
  };
  const { rows } = await lock();
  if (rows.length === keyIds.length) return;
  await sql`
    insert into gateway.key_spending (key_id, day, month)
    select id, ${TODAY}, ${THIS_MONTH} from gateway.api_keys where id = any(${[...keyIds]}::uuid[]) order by id
    on conflict (key_id) do nothing
  `.execute(trx);
  await lock();
}

async function readBalances(trx: Kysely<Database>, keyIds: readonly string[]): Promise<readonly KeyBalance[]> {
  const { rows } = await sql<KeyBalance>`
    select k.name, k.usd_per_day as "usdPerDay", k.usd_per_month as "usdPerMonth", k.tokens_per_day as "tokensPerDay",
      k.tokens_per_month as "tokensPerMonth", ${CURRENT_COUNTS}, now() as now,
      r.reservations, r.tokens as "reservedTokens", r.usd as "reservedUsd"
    from gateway.api_keys k join gateway.key_spending s on s.key_id = k.id
    cross join lateral (
      select count(*) as reservations, coalesce(sum(tokens), 0) as tokens, coalesce(sum(usd), 0) as usd
      from gateway.budget_reservations where key_id = k.id
    ) r
    where k.id = any(${[...keyIds]}::uuid[]) order by k.id
  `.execute(trx);
  return rows;
}

async function insertReservations(trx: Kysely<Database>, id: string, demand: BudgetDemand): Promise<void> {
  const { keyIds, tokensMax, usdMax, timeoutMs } = demand;
  await sql`
    insert into gateway.budget_reservations (id, key_id, tokens, usd, expires_at)
    select ${id}::uuid, key_id, ${tokensMax}::numeric, ${usdMax}::numeric,
      now() + ${timeoutMs}::float8 * interval '1 millisecond'
    from unnest(${[...keyIds]}::uuid[]) as key_id
  `.execute(trx);
}

function toSpending({ dayTokens, dayUsd, monthTokens, monthUsd, dayEndsAt, monthEndsAt }: CurrentCounts): ApiKeySpending {
  return {
    day: { tokens: dayTokens, usd: dayUsd, resets_at: dayEndsAt.toISOString() },
    month: { tokens: monthTokens, usd: monthUsd, resets_at: monthEndsAt.toISOString() },
  };
}
