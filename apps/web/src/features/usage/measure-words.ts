import { formatCount, formatDollars } from '../../design/format.ts';
import type { Measure } from './usage-query.ts';

export const MEASURE_WORDS: Record<Measure, string> = { requests: 'Requests', tokens: 'Tokens', cost: 'Cost' };

/** A value of a measure, exact: `1,204`, `$0.0042`. */
export function formatMeasure(value: number, measure: Measure): string {
  return measure === 'cost' ? formatDollars(value) : formatCount(value);
}

const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** As short as an axis needs it: `12K`. */
export function formatTick(value: number, measure: Measure): string {
  return measure === 'cost' ? formatDollars(value) : COMPACT.format(value);
}

const DAY = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** `Mar 1`. */
export function formatDay(isoDay: string): string {
  return DAY.format(new Date(isoDay));
}
