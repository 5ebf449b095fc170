import { describe, expect, it } from 'vitest';
import { openBudgetStores, reserve, tryReserve } from './budget-store.test-support.ts';

const tokens = (count: number, usd = 0) => ({ tokens: count, usd });

describe('budget of a key', () => {
  it('refuses requests once it is used up, until the end of the day in UTC', async () => {
    const { stores, createKey } = await openBudgetStores();
    const [store] = stores;
    const key = await createKey({ tokens_per_day: 100_000 });
    await store.settle(await reserve(store, [key]), tokens(99_999));
    await store.settle(await reserve(store, [key]), tokens(1));
    const refusal = await reserve(store, [key]).catch((thrown: unknown) => thrown);
    const tomorrow = new Date(Math.floor(Date.now() / 86_400_000 + 1) * 86_400_000);
    expect(refusal).toMatchObject({
      code: 'BUDGET_EXHAUSTED',
      message: `The key "batch" has used up its budget of 100,000 tokens per day. The budget starts again at ${tomorrow.toISOString().replace('.000', '')}.`,
      retryAfterSeconds: expect.toSatisfy((seconds) => Math.abs(seconds - (tomorrow.getTime() - Date.now()) / 1_000) < 60),
    });
  });

  it('applies to US dollars and to the month', async () => {
    const { stores, createKey } = await openBudgetStores();
    const [store] = stores;
    const key = await createKey({ usd_per_month: 0.5 });
    await store.settle(await reserve(store, [key], { usdMax: 0.5 }), tokens(10, 0.5));
    await expect(reserve(store, [key], { usdMax: 0.01 })).rejects.toThrow(
      /its budget of 0\.5 USD per month\. The budget starts again at .*-01T00:00:00Z/,
    );
    // A free model spends no US dollars.
    expect(await tryReserve(store, [key], { usdMax: 0 })).not.toBe('BUDGET_EXHAUSTED');
  });

  it('runs a request that may exceed it only while no other request is in flight', async () => {
    const { stores, createKey } = await openBudgetStores();
    const [store] = stores;
    const key = await createKey({ tokens_per_day: 250 });
    const fitting = [await reserve(store, [key]), await reserve(store, [key])];
    await expect(reserve(store, [key])).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 1 });
    for (const id of fitting) await store.settle(id, tokens(100));
    expect(await tryReserve(store, [key])).not.toBe('RATE_LIMITED');
    expect(await tryReserve(store, [key], { tokensMax: 1 })).toBe('RATE_LIMITED');
  });

  it('starts again with a new day and a new month', async () => {
    const { stores, createKey, age } = await openBudgetStores();
    const [store] = stores;
    const key = await createKey({ tokens_per_day: 100, tokens_per_month: 200 });
    const spend = async () => store.settle(await reserve(store, [key]), tokens(100));
    const spent = async () => {
      const { day, month } = (await store.spendingOf([key])).get(key) ?? expect.unreachable();
      return [day.tokens, month.tokens];
    };
    await spend();
    await age({ days: 1 });
    expect(await spent()).toEqual([0, 100]);
    await spend();
    expect(await spent()).toEqual([100, 200]);
    await age({ days: 1 });
    await expect(reserve(store, [key])).rejects.toThrow('200 tokens per month');
    await age({ months: 1 });
    await spend();
    expect(await spent()).toEqual([100, 100]);
  });

  it('counts a request in the day in which it settles', async () => {
    const { stores, createKey, age } = await openBudgetStores();
    const [store] = stores;
    const key = await createKey({ tokens_per_day: 100 });
    const id = await reserve(store, [key]);
    await age({ days: 1 });
    await store.settle(id, tokens(100));
    expect(await tryReserve(store, [key])).toBe('BUDGET_EXHAUSTED');
  });

  it('includes what the keys have spent that it created', async () => {
    const { stores, createKey } = await openBudgetStores();
    const [store] = stores;
    const parent = await createKey({ name: 'team', tokens_per_day: 100 });
    const child = await createKey({ parentId: parent, tokens_per_day: 1_000 });
    await store.settle(await reserve(store, [child, parent]), tokens(100));
    await expect(reserve(store, [child, parent])).rejects.toThrow('The key "team" has used up its budget');
    expect(await tryReserve(store, [child])).not.toBe('BUDGET_EXHAUSTED');
    expect([...(await store.spendingOf([parent, child, 'environment:ops'])).values()].map(({ day }) => day.tokens)).toEqual([
      100, 100,
    ]);
  });

  it('reserves for all keys or for none', async () => {
    const { stores, createKey } = await openBudgetStores();
    const [store] = stores;
    const parent = await createKey({ tokens_per_day: 150 });
    const [one, two] = [await createKey({ tokens_per_day: 100 }), await createKey({ tokens_per_day: 100 })];
    await reserve(store, [one, parent]);
    expect(await tryReserve(store, [two, parent])).toBe('RATE_LIMITED');
    await store.settle(await reserve(store, [two]), tokens(99));
    expect(await tryReserve(store, [two], { tokensMax: 1 })).not.toBe('RATE_LIMITED');
  });
});

it('counts a reservation once when it is settled twice', async () => {
  const { stores, createKey } = await openBudgetStores();
  const key = await createKey({ tokens_per_day: 1_000 });
  const id = await reserve(stores[0], [key]);
  await Promise.all(stores.map((store) => store.settle(id, tokens(60, 0.5))));
  expect((await stores[0].spendingOf([key])).get(key)?.day).toMatchObject({ tokens: 60, usd: 0.5 });
});

describe('concurrent requests over two processes', () => {
  it('exceed a budget by at most one request', async () => {
    const { stores, createKey } = await openBudgetStores();
    const parent = await createKey({ tokens_per_day: 1_050 });
    const children = [
      await createKey({ parentId: parent, tokens_per_day: 5_000 }),
      await createKey({ parentId: parent, tokens_per_day: 5_000 }),
    ];
    const run = async (index: number): Promise<number> => {
      const store = stores[index % 2] ?? stores[0];
      // Both orders of the same two keys, and rounds of two keys: neither may deadlock.
      const child = children[index % 3 === 0 ? 0 : 1] ?? '';
      const id = await tryReserve(store, index % 4 === 0 ? [parent, child] : [child, parent]);
      if (id === 'RATE_LIMITED' || id === 'BUDGET_EXHAUSTED') return 0;
      await store.settle(id, tokens(100));
      return 100;
    };
    let spent = 0;
    for (let round = 0; round < 3; round += 1)
      for (const each of await Promise.all(Array.from({ length: 100 }, (_, index) => run(index)))) spent += each;
    expect(spent).toBeGreaterThan(1_050 - 100);
    expect(spent).toBeLessThanOrEqual(1_050 + 100);
    expect((await stores[1].spendingOf([parent])).get(parent)?.month.tokens).toBe(spent);
    expect(await tryReserve(stores[0], [parent])).toBe('BUDGET_EXHAUSTED');
  });

  it('may all run while all fit', async () => {
    const { stores, createKey } = await openBudgetStores();
    const key = await createKey({ tokens_per_day: 10_000 });
    const ids = await Promise.all(Array.from({ length: 100 }, (_, index) => reserve(stores[index % 2] ?? stores[0], [key])));
    await Promise.all(ids.map((id, index) => (stores[index % 2] ?? stores[0]).settle(id, tokens(7))));
    expect((await stores[0].spendingOf([key])).get(key)?.day.tokens).toBe(700);
  });
});

describe('expired reservations', () => {
  it('count what the process recorded before it ended, for all keys of the request', async () => {
    const { stores, createKey, expireReservations, recordUsage } = await openBudgetStores();
    const [store, other] = stores;
    const parent = await createKey({ tokens_per_day: 1_000, usd_per_day: 10 });
    const child = await createKey({ parentId: parent, tokens_per_day: 1_000 });
    const id = await reserve(store, [child, parent], { usdMax: 1 });
    const unrecorded = await reserve(store, [child, parent]);
    await recordUsage({ id, promptTokens: 10, completionTokens: 20, costUsd: 0.25 });
    expect(await other.settleExpired()).toBe(0);
    await expireReservations();
    const open = await reserve(store, [child]);
    expect((await Promise.all(stores.map((each) => each.settleExpired()))).reduce((sum, count) => sum + count)).toBe(4);
    await store.settle(unrecorded, tokens(500));
    const spending = await store.spendingOf([parent, child]);
    for (const key of [parent, child]) expect(spending.get(key)?.day).toMatchObject({ tokens: 30, usd: 0.25 });
    await store.settle(open, tokens(5));
    expect((await store.spendingOf([child])).get(child)?.day.tokens).toBe(35);
  });
});

it('accepts any count of a provider', async () => {
  const { stores, createKey } = await openBudgetStores();
  const [store] = stores;
  const key = await createKey({ tokens_per_day: 1e12, usd_per_day: 1 });
  const huge = { tokensMax: Number.MAX_SAFE_INTEGER * 128, usdMax: 1e-9 };
  await store.settle(await reserve(store, [key], huge), tokens(Number.MAX_SAFE_INTEGER * 2, 1e-9));
  expect((await store.spendingOf([key])).get(key)?.day).toMatchObject({ tokens: Number.MAX_SAFE_INTEGER * 2, usd: 1e-9 });
});
