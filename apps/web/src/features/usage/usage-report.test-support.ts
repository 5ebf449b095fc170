import type { UsageReport, UsageRow } from '@prodigon/contracts';

/** Usage of `local` without failures: ten prompt tokens, one completion token and a cent a request. */
export function row(day: string, model: string, requests: number, rest: Partial<UsageRow> = {}): UsageRow {
  return {
    day,
    provider: 'p',
    model,
    owner_id: 'local',
    requests,
    failed: 0,
    cancelled: 0,
    estimated: 0,
    unpriced: 0,
    prompt_tokens: 10 * requests,
    completion_tokens: requests,
    cost_usd: requests / 100,
    attempts: requests,
    ttft_p50_ms: null,
    ttft_p95_ms: null,
    ...rest,
  };
}

/** A report over three days, whose totals no test reads. */
export const report = (rows: UsageRow[]): UsageReport => ({
  from: '2026-02-27',
  to: '2026-03-01',
  rows,
  totals: row('2026-02-27', '', 0),
});
