import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { usageQuerySchema } from './usage-report.ts';

describe('the period of a usage report', () => {
  beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-03-01T23:59:59Z') }));
  afterEach(() => void vi.useRealTimers());

  it.each([
    ['the last 30 days by default', {}, { from: '2026-01-31', to: '2026-03-01' }],
    ['30 days up to the given last day', { to: '2026-01-30' }, { from: '2026-01-01', to: '2026-01-30' }],
    ['all days from the given first day to today', { from: '2026-02-28' }, { from: '2026-02-28', to: '2026-03-01' }],
    ['a single day', { from: '2026-02-28', to: '2026-02-28' }, { from: '2026-02-28', to: '2026-02-28' }],
    ['the first day of 2000', { from: '2000-01-01', to: '2000-01-01' }, { from: '2000-01-01', to: '2000-01-01' }],
    [
      'today in a time zone where it is another day',
      { unit: 'hour', time_zone: 'Asia/Tokyo' },
      { from: '2026-03-02', to: '2026-03-02', unit: 'hour', time_zone: 'Asia/Tokyo' },
    ],
    [
      'a week by hour',
      { from: '2026-02-20', to: '2026-02-26', unit: 'hour' },
      { from: '2026-02-20', to: '2026-02-26', unit: 'hour' },
    ],
    [
      'what the filters select',
      { to: '2026-01-30', by: 'key', owner: '*', key: 'environment:ops', model: 'large' },
      { from: '2026-01-01', to: '2026-01-30', by: 'key', owner: '*', key: 'environment:ops', model: 'large' },
    ],
    ['a leap year', { from: '2024-01-01', to: '2024-12-31' }, { from: '2024-01-01', to: '2024-12-31' }],
  ])('covers %s', (_case, query, period) =>
    expect(usageQuerySchema.parse(query)).toEqual({ unit: 'day', time_zone: 'UTC', ...period }),
  );

  it.each([
    ['given in words', { from: 'yesterday' }, 'from'],
    ['an impossible date', { to: '2026-02-30' }, 'to'],
    ['given as a time', { to: '2026-02-03T00:00:00Z' }, 'to'],
    ['reversed', { from: '2026-02-02', to: '2026-02-01' }, 'from'],
    ['in the future', { from: '2026-03-02' }, 'from'],
    ['longer than 366 days', { from: '2024-01-01', to: '2025-01-01' }, 'from'],
    ['longer than a week by hour', { from: '2026-02-20', to: '2026-02-27', unit: 'hour' }, 'from'],
    ['in a time zone that does not exist', { time_zone: 'Moon/Crater' }, 'time_zone'],
    ['in a time zone given as an offset', { time_zone: '+09:00' }, 'time_zone'],
    ['by week', { unit: 'week' }, 'unit'],
    ['by owner', { by: 'owner' }, 'by'],
    ['of a model that the database cannot store', { model: 'a\0b' }, 'model'],
    ['before 2000', { from: '0000-01-01', to: '0000-01-02' }, 'from'],
  ])('is rejected when it is %s', (_case, query, field) => {
    expect(usageQuerySchema.safeParse(query).error?.issues[0]?.path).toEqual([field]);
  });
});
