import { type ApiKeyBudget, AppError } from '@prodigon/contracts';
import type { BudgetDemand, BudgetStore, KeyDirectory, KeyRecord, Spending } from '@prodigon/ports';

const NO_BUDGET: ApiKeyBudget = { usd_per_day: null, usd_per_month: null, tokens_per_day: null, tokens_per_month: null };

/** Returns a key of ada without restrictions. */
export function keyOf({
  budget,
  ...changes
}: Partial<Omit<KeyRecord, 'budget'>> & { budget?: Partial<ApiKeyBudget> }): KeyRecord {
  return {
    ...{ id: 'key', name: 'batch', ownerId: 'ada', role: 'member', parentId: null, createdAt: null, lastUsedAt: null },
    ...{ expiresAt: null, revokedAt: null, previousExpiresAt: null, models: null },
    limits: { requests_per_min: null, tokens_per_min: null, streams: null },
    ...changes,
    budget: { ...NO_BUDGET, ...budget },
  };
}

/** A directory of these keys. A promise, as after each change of a key. */
export function directoryOf(...keys: KeyRecord[]): Pick<KeyDirectory, 'find' | 'chainOf'> {
  const find = (id: string | null) => keys.find((key) => key.id === id) ?? null;
  return { find: async (id) => find(id), chainOf: (key) => [key, find(key.parentId)].filter((each) => each !== null) };
}

/** A budget store that admits all requests, and records the calls. */
export function createBudgetStoreFake() {
  const demands: BudgetDemand[] = [];
  const settled: [string, Spending][] = [];
  const state = { refusal: undefined as AppError | undefined, settle: async () => {}, sweep: async () => {}, sweeps: 0 };
  const store: BudgetStore = {
    async reserve(demand) {
      if (state.refusal) throw state.refusal;
      demands.push(demand);
      return `reservation-${demands.length}`;
    },
    async settle(id, spent) {
      await state.settle();
      settled.push([id, spent]);
    },
    async settleExpired() {
      state.sweeps += 1;
      await state.sweep();
      return 0;
    },
    spendingOf: () => Promise.reject(new AppError('SERVICE_UNAVAILABLE')),
  };
  return { store, demands, settled, state };
}
