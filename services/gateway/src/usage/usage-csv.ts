import type { UsageReport, UsageRow } from '@prodigon/contracts';
import { stringify } from 'csv-stringify/sync';

const COLUMNS: readonly (keyof UsageRow)[] = [
  'day',
  'hour',
  'owner_id',
  'key_id',
  'key_name',
  'provider',
  'model',
  'requests',
  'failed',
  'cancelled',
  'estimated',
  'unpriced',
  'prompt_tokens',
  'completion_tokens',
  'cost_usd',
  'attempts',
  'ttft_p50_ms',
  'ttft_p95_ms',
];

/** Returns the rows as CSV. Clients choose the names of models, so that texts which a spreadsheet would run are escaped. */
export function toCsv({ rows }: UsageReport): string {
  return stringify([...rows], { header: true, columns: [...COLUMNS], escape_formulas: true });
}
