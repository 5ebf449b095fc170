import { dayIn, type UsagePeriod, type UsageReport, type UsageRow, type UsageSums } from '@prodigon/contracts';
import { axisMax } from '../../design/axis.ts';
import { formatCount, formatDollars } from '../../design/format.ts';
import { keyLabel, sum } from './usage-groups.ts';

/** In days. The range of one day has a value for each hour. */
export const RANGES = ['1', '7', '30', '90'] as const;
export type Range = (typeof RANGES)[number];
export const RANGE_LABELS: Record<Range, string> = { 1: 'Today', 7: '7 days', 30: '30 days', 90: '90 days' };
/** Unless the user selects a range, the page shows the shortest one that contains all data of this range. */
export const RANGE_DEFAULT = '30' satisfies Range;

/** What the series of the chart stand for. */
export const GROUPINGS = ['model', 'key'] as const;
export type Grouping = (typeof GROUPINGS)[number];
export const GROUPING_LABELS: Record<Grouping, string> = { model: 'Model', key: 'Key' };

export const MEASURES = ['requests', 'tokens', 'cost'] as const;
export type Measure = (typeof MEASURES)[number];

const DAY_MS = 86_400_000;

/** Reads the view of the usage page from the URL. Invalid values get their defaults; the default range depends on the data. */
export function usageView(parameters: URLSearchParams): { range: Range | undefined; measure: Measure; grouping: Grouping } {
  return {
    grouping: GROUPINGS.find((grouping) => grouping === parameters.get('by')) ?? 'model',
    range: RANGES.find((range) => range === parameters.get('days')),
    measure: MEASURES.find((measure) => measure === parameters.get('measure')) ?? 'requests',
  };
}

/** The last `range` days in a time zone, including today. */
export function usagePeriod(range: Range, now: number, timeZone: string): UsagePeriod {
  const to = dayIn(timeZone, now);
  const from = isoDay(Date.parse(to) - (Number(range) - 1) * DAY_MS);
  return { from, to, unit: range === '1' ? 'hour' : 'day', time_zone: timeZone };
}

/** The user's time zone, or UTC if it has no name. */
export function localTimeZone(): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return timeZone && timeZone !== 'Etc/Unknown' && !/^[+-]/.test(timeZone) ? timeZone : 'UTC';
}

/** The shortest range that contains all requests of a report by day; undefined without requests. */
export function shortestRange({ to, rows }: UsageReport): Range | undefined {
  const [first] = rows.map(({ day }) => day).sort();
  if (first === undefined) return undefined;
  const days = (Date.parse(to) - Date.parse(first)) / DAY_MS + 1;
  return RANGES.find((range) => Number(range) >= days) ?? RANGE_DEFAULT;
}

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** Every day of a period in order, or every hour of it, such as `2026-03-01T14`. */
function slotsInPeriod({ from, to }: UsageReport, isHourly: boolean): string[] {
  const slots: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += DAY_MS) {
    const day = isoDay(at);
    slots.push(...(isHourly ? HOURS.map((hour) => slotOf({ day, hour })) : [day]));
  }
  return slots;
}

function slotOf({ day, hour }: Pick<UsageRow, 'day' | 'hour'>): string {
  return hour === undefined ? day : `${day}T${String(hour).padStart(2, '0')}`;
}

function isoDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** The number of distinguishable series. The smallest models or keys beyond it form one series. */
const SERIES_MAX = 5;

export interface Series {
  name: string;
  /** The sum of all slots. */
  total: number;
  /** One value per slot. */
  values: readonly number[];
  isRest: boolean;
}

export interface UsageChart {
  unit: 'day' | 'hour';
  /** Days such as `2026-03-01`, or hours such as `2026-03-01T14`. */
  slots: readonly string[];
  /** Largest first, the rest last. */
  series: readonly Series[];
  /** One sum per slot. */
  totals: readonly number[];
}

function amountOf(sums: UsageSums, measure: Measure): number {
  if (measure === 'requests') return sums.requests;
  return measure === 'cost' ? sums.cost_usd : sums.prompt_tokens + sums.completion_tokens;
}

/** Arranges one measure by day or hour, and model or key. Slots without usage are included. */
export function usageChart(
  report: UsageReport,
  measure: Measure,
  unit: 'day' | 'hour',
  grouping: Grouping = 'model',
): UsageChart {
  const slots = slotsInPeriod(report, unit === 'hour');
  const indexBySlot = new Map(slots.map((slot, index) => [slot, index]));
  const nameOf = (row: UsageRow) => (grouping === 'model' ? row.model : keyLabel(row));
  const byName = [...Map.groupBy(report.rows, nameOf)].map(([name, rows]) => {
    const values = slots.map(() => 0);
    for (const row of rows) {
      const index = indexBySlot.get(slotOf(row));
      if (index !== undefined) values[index] = (values[index] ?? 0) + amountOf(row, measure);
    }
    return { name, values, total: sum(values), isRest: false };
  });
  const largest = byName.filter(({ total }) => total > 0).sort((a, b) => b.total - a.total || a.name.localeCompare(b.name));
  const series = largest.length <= SERIES_MAX ? largest : [...largest.slice(0, SERIES_MAX), restOf(largest.slice(SERIES_MAX))];
  return { unit, slots, series, totals: slots.map((_slot, index) => sum(series.map(({ values }) => values[index] ?? 0))) };
}

function restOf(series: readonly Series[]): Series {
  const [first] = series;
  const values = first?.values.map((_value, index) => sum(series.map((each) => each.values[index] ?? 0))) ?? [];
  return { name: `${series.length} others`, values, total: sum(values), isRest: true };
}

/** The maximum of the axis of values. For whole numbers it is even, because the axis also shows its half. */
export function chartMax(totals: readonly number[], measure: Measure): number {
  const end = axisMax(Math.max(...totals));
  return measure === 'cost' || end % 2 === 0 ? end : end + 1;
}

export const MEASURE_LABELS: Record<Measure, string> = { requests: 'Requests', tokens: 'Tokens', cost: 'Cost' };

/** The unit of a value, such as `request` or `tokens`; empty for money. */
export function measureUnit(value: number, measure: Measure): string {
  if (measure === 'cost') return '';
  return value === 1 ? measure.slice(0, -1) : measure;
}

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

/** The labels of the time axis: its start, its middle and its end. */
export function axisLabels({ unit, slots }: Pick<UsageChart, 'unit' | 'slots'>): string[] {
  if (unit === 'hour') return ['00:00', '12:00', '24:00'];
  return [0, Math.floor((slots.length - 1) / 2), slots.length - 1].flatMap((index) => slots[index] ?? []).map(formatSlot);
}

/** `Mar 1` for a day, `14:00` for an hour. */
export function formatSlot(slot: string): string {
  const [day = '', hour] = slot.split('T');
  return hour === undefined ? DAY.format(new Date(day)) : `${hour}:00`;
}
