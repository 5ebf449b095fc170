import { describe, expect, it } from 'vitest';
import { report, row } from './usage-report.test-support.ts';
import {
  axisLabels,
  chartMax,
  formatSlot,
  measureUnit,
  shortestRange,
  usageChart,
  usagePeriod,
  usageView,
} from './usage-report.ts';

describe('usageChart', () => {
  const rows = [row('2026-02-27', 'a', 1), row('2026-03-01', 'a', 2), row('2026-03-01', 'b', 5), row('2026-03-01', 'idle', 0)];

  it('includes every day and sorts models by size', () => {
    expect(usageChart(report(rows), 'requests', 'day')).toEqual({
      unit: 'day',
      slots: ['2026-02-27', '2026-02-28', '2026-03-01'],
      series: [
        { name: 'b', values: [0, 0, 5], total: 5, isRest: false },
        { name: 'a', values: [1, 0, 2], total: 3, isRest: false },
      ],
      totals: [1, 0, 7],
    });
  });

  it('includes every hour of a day', () => {
    const today = {
      ...report([row('2026-03-01', 'a', 2, { hour: 9 }), row('2026-03-01', 'a', 3, { hour: 23 })]),
      from: '2026-03-01',
    };
    const { slots, totals } = usageChart(today, 'requests', 'hour');
    expect([slots.length, slots[0], slots[23]]).toEqual([24, '2026-03-01T00', '2026-03-01T23']);
    expect([totals[8], totals[9], totals[23]]).toEqual([0, 2, 3]);
    expect(slots.map(formatSlot).slice(8, 10)).toEqual(['08:00', '09:00']);
  });

  it('sums input and output tokens, and cost', () => {
    expect(usageChart(report(rows), 'tokens', 'day').totals).toEqual([11, 0, 77]);
    expect(usageChart(report(rows), 'cost', 'day').totals).toEqual([0.01, 0, 0.07]);
  });

  it('arranges by key, with requests without one as a series', () => {
    const byKey = [row('2026-03-01', 'a', 2, { key_id: '1', key_name: 'ci' }), row('2026-03-01', 'b', 5, { key_id: null })];
    const { series } = usageChart(report(byKey), 'requests', 'day', 'key');
    expect(series.map(({ name, total }) => [name, total])).toEqual([
      ['No key', 5],
      ['ci', 2],
    ]);
  });

  it('combines the smallest models beyond five', () => {
    const many = Array.from({ length: 8 }, (_, index) => row('2026-03-01', `model-${index}`, index + 1));
    const { series, totals } = usageChart(report(many), 'requests', 'day');
    expect(series.map(({ name, total }) => [name, total])).toEqual([
      ['model-7', 8],
      ['model-6', 7],
      ['model-5', 6],
      ['model-4', 5],
      ['model-3', 4],
      ['3 others', 6],
    ]);
    expect(totals[2]).toBe(36);
  });

  it.each([
    [0, 2],
    [1, 2],
    [3, 6],
    [6, 10],
    [37, 50],
  ])('ends the axis of %d requests at %d, so that its half is a whole number', (most, end) => {
    expect(chartMax([most, 0], 'requests')).toBe(end);
  });

  it('labels the start, the middle and the end of the time axis', () => {
    expect(axisLabels({ unit: 'hour', slots: [] })).toEqual(['00:00', '12:00', '24:00']);
    expect(axisLabels({ unit: 'day', slots: ['2026-03-01', '2026-03-02', '2026-03-03'] })).toEqual(['Mar 1', 'Mar 2', 'Mar 3']);
  });
});

it('names one request and several tokens in the right number, and no unit of money', () => {
  expect([measureUnit(1, 'requests'), measureUnit(0, 'requests'), measureUnit(2, 'tokens'), measureUnit(1, 'cost')]).toEqual([
    'request',
    'requests',
    'tokens',
    '',
  ]);
});

describe('usageView, usagePeriod and shortestRange', () => {
  it('reads the view from the URL, with requests and no range as the default', () => {
    expect(usageView(new URLSearchParams('days=7&measure=cost'))).toEqual({ range: '7', measure: 'cost', grouping: 'model' });
    expect(usageView(new URLSearchParams('days=2&measure=unknown&by=key'))).toEqual({
      range: undefined,
      measure: 'requests',
      grouping: 'key',
    });
  });

  it('ends the period today in the time zone, and shows one day by hour', () => {
    const now = Date.parse('2026-03-01T23:59:59Z');
    const utc = { from: '2026-02-23', to: '2026-03-01', unit: 'day', time_zone: 'UTC' };
    expect(usagePeriod('7', now, 'UTC')).toEqual(utc);
    const tokyo = { from: '2026-03-02', to: '2026-03-02', unit: 'hour', time_zone: 'Asia/Tokyo' };
    expect(usagePeriod('1', now, 'Asia/Tokyo')).toEqual(tokyo);
  });

  it.each([
    [[], undefined],
    [['2026-03-01'], '1'],
    [['2026-03-01', '2026-02-23'], '7'],
    [['2026-02-22', '2026-03-01'], '30'],
  ])('shows requests on %j in a range of %s days', (days, range) => {
    expect(shortestRange(report(days.map((day) => row(day, 'a', 1))))).toBe(range);
  });
});
