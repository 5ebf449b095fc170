import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { usageQuerySchema } from './usage-report.ts';

describe('the period of a usage report', () => {
  beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-03-01T23:59:59Z') }));
  afterEach(() => void vi.useRealTimers());

  it.each([
    ['the last thirty up to today, when nothing is said', {}, { from: '2026-01-31', to: '2026-03-01' }],
    ['thirty up to the last one', { to: '2026-01-30' }, { from: '2026-01-01', to: '2026-01-30' }],
    ['from the first one up to today', { from: '2026-02-28' }, { from: '2026-02-28', to: '2026-03-01' }],
    ['a single one', { from: '2026-02-28', to: '2026-02-28' }, { from: '2026-02-28', to: '2026-02-28' }],
    ['a leap year', { from: '2024-01-01', to: '2024-12-31' }, { from: '2024-01-01', to: '2024-12-31' }],
  ])('covers %s', (_what, query, period) => expect(usageQuerySchema.parse(query)).toEqual(period));

  it.each([
    ['no dates', { from: 'yesterday' }, 'from'],
    ['not in the calendar', { to: '2026-02-30' }, 'to'],
    ['times', { to: '2026-02-03T00:00:00Z' }, 'to'],
    ['the wrong way round', { from: '2026-02-02', to: '2026-02-01' }, 'from'],
    ['in the future when they begin', { from: '2026-03-02' }, 'from'],
    ['more than a leap year', { from: '2024-01-01', to: '2025-01-01' }, 'from'],
    ['before there was anything', { from: '0000-01-01', to: '0000-01-02' }, 'from'],
  ])('is rejected when it is %s', (_what, query, field) => {
    expect(usageQuerySchema.safeParse(query).error?.issues[0]?.path).toEqual([field]);
  });
});
