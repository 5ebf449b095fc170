import type { UsageRow } from '@prodigon/contracts';
import type { CallContext } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import { createUsageReader } from './usage-reader.ts';

const SUMS = {
  requests: 1,
  failed: 2,
  cancelled: 3,
  estimated: 4,
  unpriced: 5,
  prompt_tokens: 6,
  completion_tokens: 7,
  attempts: 8,
};

it('reports the rows of the calling principal with totals, without floating-point errors', async () => {
  const rows = [0.1, 0.2].map((cost_usd) => ({ ...SUMS, cost_usd }) as UsageRow);
  const queries: unknown[] = [];
  const read = createUsageReader({
    store: {
      async summarize(query) {
        queries.push(query);
        return rows;
      },
    },
  });
  const period = { from: '2026-11-01', to: '2026-11-30', unit: 'day', time_zone: 'UTC' } as const;
  const report = await read(period, { principal: { id: 'ada' } } as CallContext);
  expect(queries).toEqual([{ ownerId: 'ada', ...period }]);
  expect(report).toEqual({
    from: period.from,
    to: period.to,
    rows,
    totals: {
      requests: 2,
      failed: 4,
      cancelled: 6,
      estimated: 8,
      unpriced: 10,
      prompt_tokens: 12,
      completion_tokens: 14,
      attempts: 16,
      cost_usd: 0.3,
    },
  });
});

describe('usage of another owner', () => {
  const period = { from: '2026-11-01', to: '2026-11-30', unit: 'day', time_zone: 'UTC' } as const;

  function readAs(role: 'admin' | 'member') {
    const owners: unknown[] = [];
    const read = createUsageReader({
      store: {
        async summarize({ ownerId }) {
          owners.push(ownerId);
          return [];
        },
      },
    });
    const report = (owner?: string) => read({ ...period, owner }, { principal: { id: 'ada', role } } as CallContext);
    return { report, owners };
  }

  it('is reported to admins', async () => {
    const { report, owners } = readAs('admin');
    for (const owner of ['bob', '*', undefined]) await report(owner);
    expect(owners).toEqual(['bob', null, 'ada']);
  });

  it('is refused to members, whether the owner exists or not', async () => {
    const { report, owners } = readAs('member');
    for (const owner of ['bob', '*']) await expect(report(owner)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await report('ada');
    expect(owners).toEqual(['ada']);
  });
});
