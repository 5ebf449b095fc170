import type { UsageReport, UsageRow, UsageSums } from '@prodigon/contracts';
import { daysOf, type Measure } from './usage-query.ts';

/** More than these are hard to tell apart: the smallest go together. */
const SERIES_MAX = 5;

export interface Series {
  name: string;
  /** All of its days together. */
  total: number;
  /** One value a day, in the order of the days. */
  values: readonly number[];
  isRest: boolean;
}

export interface UsageChart {
  days: readonly string[];
  /** From the largest to the smallest, the rest last. */
  series: readonly Series[];
  /** One sum a day. */
  totals: readonly number[];
}

function amountOf(sums: UsageSums, measure: Measure): number {
  if (measure === 'requests') return sums.requests;
  return measure === 'cost' ? sums.cost_usd : sums.prompt_tokens + sums.completion_tokens;
}

/** What each model took of each day, for one measure; days without any are there too. */
export function chartOf(report: UsageReport, measure: Measure): UsageChart {
  const days = daysOf(report);
  const place = new Map(days.map((day, index) => [day, index]));
  const byModel = [...Map.groupBy(report.rows, ({ model }) => model)].map(([name, rows]) => {
    const values = days.map(() => 0);
    for (const row of rows) {
      const index = place.get(row.day);
      if (index !== undefined) values[index] = (values[index] ?? 0) + amountOf(row, measure);
    }
    return { name, values, total: sum(values), isRest: false };
  });
  const largest = byModel.filter(({ total }) => total > 0).sort((a, b) => b.total - a.total || a.name.localeCompare(b.name));
  const series = largest.length <= SERIES_MAX ? largest : [...largest.slice(0, SERIES_MAX), restOf(largest.slice(SERIES_MAX))];
  return { days, series, totals: days.map((_day, index) => sum(series.map(({ values }) => values[index] ?? 0))) };
}

function restOf(series: readonly Series[]): Series {
  const [first] = series;
  const values = first?.values.map((_value, index) => sum(series.map((each) => each.values[index] ?? 0))) ?? [];
  return { name: `${series.length} others`, values, total: sum(values), isRest: true };
}

export interface ModelUsage extends UsageSums {
  name: string;
  provider: string;
}

/** The sums of each model over all days, the most requests first. */
export function usageByModel({ rows }: UsageReport): ModelUsage[] {
  return [...Map.groupBy(rows, (row) => `${row.provider} ${row.model}`).values()]
    .map((own) => ({ name: own[0]?.model ?? '', provider: own[0]?.provider ?? '', ...sumsOf(own) }))
    .sort((a, b) => b.requests - a.requests || a.name.localeCompare(b.name));
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

/** The end of an axis: the next of 1, 2, 5, 10, 20, … from `most` on. */
export function axisEnd(most: number): number {
  if (most <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  const step = [1, 2, 5, 10].find((step) => step * power >= most * (1 - Number.EPSILON)) ?? 10;
  return step * power;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
