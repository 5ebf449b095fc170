import type { UsageReport, UsageRow, UsageSums } from '@prodigon/contracts';
import { formatCount, formatDollars } from '../../design/format.ts';

export const RANGES = ['7', '30', '90'] as const;
export type Range = (typeof RANGES)[number];

export const MEASURES = ['requests', 'tokens', 'cost'] as const;
export type Measure = (typeof MEASURES)[number];

const DAY_MS = 86_400_000;

/** Reads the view of the usage page from the URL. Invalid values get their defaults. */
export function usageView(parameters: URLSearchParams): { range: Range; measure: Measure } {
  return {
    range: RANGES.find((range) => range === parameters.get('days')) ?? '30',
    measure: MEASURES.find((measure) => measure === parameters.get('measure')) ?? 'requests',
  };
}

/** The last `range` days in UTC, including today. */
export function usagePeriod(range: Range, now: number): { from: string; to: string } {
  return { from: isoDay(now - (Number(range) - 1) * DAY_MS), to: isoDay(now) };
}

/** Every day of a period, in order. */
export function daysInPeriod({ from, to }: { from: string; to: string }): string[] {
  const days: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += DAY_MS) days.push(isoDay(at));
  return days;
}

function isoDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** The number of distinguishable series. The smallest models beyond it form one series. */
const SERIES_MAX = 5;

export interface Series {
  name: string;
  /** The sum of all days. */
  total: number;
  /** One value per day. */
  values: readonly number[];
  isRest: boolean;
}

export interface UsageChart {
  days: readonly string[];
  /** Largest first, the rest last. */
  series: readonly Series[];
  /** One sum per day. */
  totals: readonly number[];
}

function amountOf(sums: UsageSums, measure: Measure): number {
  if (measure === 'requests') return sums.requests;
  return measure === 'cost' ? sums.cost_usd : sums.prompt_tokens + sums.completion_tokens;
}

/** Arranges one measure by day and model. Days without usage are included. */
export function usageChart(report: UsageReport, measure: Measure): UsageChart {
  const days = daysInPeriod(report);
  const indexByDay = new Map(days.map((day, index) => [day, index]));
  const byModel = [...Map.groupBy(report.rows, ({ model }) => model)].map(([name, rows]) => {
    const values = days.map(() => 0);
    for (const row of rows) {
      const index = indexByDay.get(row.day);
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

/** The sums of each model over all days, most requests first. */
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

/** The maximum of an axis: the smallest of 1, 2, 5, 10, 20, … that is not below the value. */
export function axisMax(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((step) => step * power >= value * (1 - Number.EPSILON)) ?? 10;
  return step * power;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export const MEASURE_LABELS: Record<Measure, string> = { requests: 'Requests', tokens: 'Tokens', cost: 'Cost' };

/** The exact value of a measure, such as `1,204` or `$0.0042`. */
export function formatMeasure(value: number, measure: Measure): string {
  return measure === 'cost' ? formatDollars(value) : formatCount(value);
}

const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** A short value for an axis, such as `12K`. */
export function formatTick(value: number, measure: Measure): string {
  return measure === 'cost' ? formatDollars(value) : COMPACT.format(value);
}

const DAY = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** `Mar 1`. */
export function formatDay(isoDay: string): string {
  return DAY.format(new Date(isoDay));
}
