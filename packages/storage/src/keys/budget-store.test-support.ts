import { randomUUIDv7 } from 'node:crypto';
import type { ApiKeyBudget } from '@prodigon/contracts';
import type { BudgetStore, UsageRecord } from '@prodigon/ports';
import { createTestDatabase } from '@prodigon/testing';
import { sql } from 'kysely';
import { onTestFinished } from 'vitest';
import { createDatabase } from '../create-database.ts';
import { createPostgresUsageStore } from '../postgres-usage-store.ts';
import { createPostgresBudgetStore } from './postgres-budget-store.ts';

type KeyOptions = Partial<ApiKeyBudget> & { name?: string; parentId?: string };

/** Opens the budget stores of two processes on one migrated database, and shortcuts for tests. */
export async function openBudgetStores() {
  const { url, drop } = await createTestDatabase({ isMigrated: true });
  const [first, second] = [createDatabase({ url }), createDatabase({ url })];
  onTestFinished(async () => {
    await first.close();
    await second.close();
    await drop();
  });
  const { db } = first;

  async function createKey({ name = 'batch', parentId, ...budget }: KeyOptions): Promise<string> {
    const id = randomUUIDv7();
    await db
      .insertInto('gateway.api_keys')
      .values({
        ...{ id, name, owner_id: 'ada', role: 'member', parent_id: parentId ?? null, hash: null, previous_hash: null },
        ...{ previous_expires_at: null, last_used_at: null, expires_at: null, revoked_at: null, revoked_by: null, models: null },
        ...{ requests_per_min: null, tokens_per_min: null, streams_max: null },
        ...{ usd_per_day: null, usd_per_month: null, tokens_per_day: null, tokens_per_month: null },
        ...budget,
      })
      .execute();
    return id;
  }

  return {
    stores: [createPostgresBudgetStore(db), createPostgresBudgetStore(second.db)] as const,
    createKey,
    /** Makes the counters look as if the last requests had been `days` and `months` ago. */
    async age({ days = 0, months = 0 }: { days?: number; months?: number }) {
      await sql`
        update gateway.key_spending set day = day - ${days}::int, month = month - ${months}::int * interval '1 month'
      `.execute(db);
    },
    async expireReservations() {
      await sql`update gateway.budget_reservations set expires_at = now() - interval '1 s'`.execute(db);
    },
    recordUsage: (record: Partial<UsageRecord>) => createPostgresUsageStore(db).record([{ ...RECORD, ...record }]),
  };
}

const RECORD: UsageRecord = {
  ...{ id: '', at: new Date(), ownerId: 'ada', keyId: null, requestId: 'request-1', kind: 'chat', provider: 'acme' },
  ...{ model: 'large', status: 'completed', promptTokens: 10, completionTokens: 20, estimated: false, costUsd: null },
  ...{ attempts: 1, ttftMs: null, latencyMs: 1 },
};

const DEMAND = { tokensMax: 100, usdMax: 0, timeoutMs: 60_000 };

/** Reserves 100 tokens, or another maximum. */
export const reserve = (store: BudgetStore, keyIds: readonly string[], max: { tokensMax?: number; usdMax?: number } = {}) =>
  store.reserve({ ...DEMAND, keyIds, ...max });

/** Runs one request and returns how it ended: its reservation's id, or the code of its refusal. */
export const tryReserve = (...call: Parameters<typeof reserve>): Promise<string> =>
  reserve(...call).catch((refusal: { code: string }) => refusal.code);
