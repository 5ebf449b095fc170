import { describe, expect, it } from 'vitest';
import { filterReport, keysIn, NO_KEY, usageByKey, usageByModel } from './usage-groups.ts';
import { report, row } from './usage-report.test-support.ts';

const CI = { key_id: '1', key_name: 'ci' };

describe('usageByModel', () => {
  it('sums each model of each provider over all days', () => {
    const rows = [
      row('2026-02-27', 'a', 1, CI),
      row('2026-03-01', 'a', 2, { failed: 1, unpriced: 1 }),
      row('2026-03-01', 'a', 9, { provider: 'q' }),
    ];
    expect(usageByModel(report(rows))).toMatchObject([
      { note: 'q', name: 'a', requests: 9, failed: 0 },
      { note: 'p', name: 'a', requests: 3, failed: 1, unpriced: 1, prompt_tokens: 30 },
    ]);
  });
});

describe('usageByKey', () => {
  it('sums each key over all models, and requests without a key for each owner', () => {
    const rows = [
      row('2026-02-27', 'a', 1, CI),
      row('2026-03-01', 'b', 3, CI),
      row('2026-03-01', 'b', 2, { key_id: null }),
      row('2026-03-01', 'b', 9, { key_id: null, owner_id: 'ada' }),
      row('2026-03-01', 'b', 1, { key_id: '0123456789', key_name: null }),
    ];
    expect(usageByKey(report(rows)).map(({ name, note, requests }) => [name, note, requests])).toEqual([
      ['No key', 'ada', 9],
      ['ci', 'local', 4],
      ['No key', 'local', 2],
      ['Unknown key 01234567', 'local', 1],
    ]);
  });
});

describe('filterReport', () => {
  const all = report([
    row('2026-02-27', 'a', 1, CI),
    row('2026-03-01', 'a', 2, { failed: 1 }),
    row('2026-03-01', 'b', 9, { key_id: null }),
  ]);

  it('keeps the rows and the sums of one model', () => {
    expect(filterReport(all, { model: null, key: null })).toBe(all);
    expect(filterReport(all, { model: 'a', key: null })).toMatchObject({ totals: { requests: 3, failed: 1 } });
    expect(filterReport(all, { model: 'unused', key: null }).totals.requests).toBe(0);
  });

  it('keeps the rows of one key, or those without one', () => {
    expect(filterReport(all, { model: null, key: '1' }).totals.requests).toBe(1);
    expect(filterReport(all, { model: null, key: NO_KEY }).totals.requests).toBe(11);
    expect(filterReport(all, { model: 'b', key: NO_KEY }).totals.requests).toBe(9);
  });
});

describe('keysIn', () => {
  it('lists each key once, with its owner where names repeat', () => {
    const rows = [
      row('2026-02-27', 'a', 1, CI),
      row('2026-03-01', 'b', 1, CI),
      row('2026-03-01', 'a', 1, { key_id: '2', key_name: 'ci', owner_id: 'ada' }),
      row('2026-03-01', 'a', 1, { key_id: null }),
    ];
    expect(keysIn(report(rows))).toEqual([
      { id: '2', label: 'ci (ada)' },
      { id: '1', label: 'ci (local)' },
      { id: NO_KEY, label: 'No key' },
    ]);
  });
});
