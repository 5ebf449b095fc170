import type { UsageReport, UsageRow, UsageSums } from '@prodigon/contracts';

/** The sums of a model or of a key over all days. */
export interface UsageOf extends UsageSums {
  id: string;
  name: string;
  /** The provider of a model, or the owner of a key. */
  note: string;
}

/** Restricts a report. Null stands for all. */
export interface UsageFilter {
  readonly model: string | null;
  /** The id of a key, or `none` for requests without one. */
  readonly key: string | null;
}

/** The report with the matching rows and their totals. */
export function filterReport(report: UsageReport, { model, key }: UsageFilter): UsageReport {
  if (model === null && key === null) return report;
  const rows = report.rows.filter((row) => (model === null || row.model === model) && (key === null || keyIdOf(row) === key));
  return { ...report, rows, totals: sumsOf(rows) };
}

/** Requests without a key have no id of a key. */
export const NO_KEY = 'none';

function keyIdOf({ key_id }: UsageRow): string {
  return key_id ?? NO_KEY;
}

export function keyLabel({ key_id, key_name }: UsageRow): string {
  if (!key_id) return 'No key';
  return key_name ?? `Unknown key ${key_id.slice(0, 8)}`;
}

/** The sums of each model over all days, most requests first. */
export function usageByModel({ rows }: UsageReport): UsageOf[] {
  return usageBy(
    rows,
    (row) => `${row.provider} ${row.model}`,
    ({ model, provider }) => ({ name: model, note: provider }),
  );
}

/** The sums of each key over all days, most requests first. Requests without a key are apart for each owner. */
export function usageByKey({ rows }: UsageReport): UsageOf[] {
  return usageBy(
    rows,
    (row) => `${row.owner_id} ${keyIdOf(row)}`,
    (row) => ({ name: keyLabel(row), note: row.owner_id }),
  );
}

function usageBy(
  rows: readonly UsageRow[],
  idOf: (row: UsageRow) => string,
  labelsOf: (row: UsageRow) => Pick<UsageOf, 'name' | 'note'>,
): UsageOf[] {
  return [...Map.groupBy(rows, idOf)]
    .flatMap(([id, [first, ...others]]) => (first ? { id, ...labelsOf(first), ...sumsOf([first, ...others]) } : []))
    .sort((a, b) => b.requests - a.requests || a.name.localeCompare(b.name));
}

/** The keys of a report with their labels, which name the owner where keys of several owners have the same name. */
export function keysIn({ rows }: UsageReport): { id: string; label: string }[] {
  const byId = new Map(rows.map((row) => [keyIdOf(row), row]));
  const names = [...byId.values()].map(keyLabel);
  return [...byId]
    .map(([id, row]) => {
      const name = keyLabel(row);
      const isShared = names.filter((each) => each === name).length > 1;
      return { id, label: isShared ? `${name} (${row.owner_id})` : name };
    })
    .sort((a, b) => a.label.localeCompare(b.label));
}

function sumsOf(rows: readonly UsageRow[]): UsageSums {
  const of = (field: keyof UsageSums) => sum(rows.map((row) => row[field]));
  return {
    requests: of('requests'),
    failed: of('failed'),
    cancelled: of('cancelled'),
    estimated: of('estimated'),
    unpriced: of('unpriced'),
    prompt_tokens: of('prompt_tokens'),
    completion_tokens: of('completion_tokens'),
    cost_usd: of('cost_usd'),
    attempts: of('attempts'),
  };
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
