import type { LabVerdict, RatioRange, VerdictStatus } from '@prodigon/contracts/workshop';

type Interval = readonly [low: number, high: number];

/** Returns the effect that an interval of a ratio shows. Ratios within 1 ± margin count as no difference. */
export function effectOf([low, high]: Interval, margin: number): LabVerdict['effect'] {
  if (low > 1 + margin) return 'more';
  if (high < 1 - margin) return 'less';
  return low >= 1 - margin && high <= 1 + margin ? 'no_difference' : 'unclear';
}

/** Returns SUPPORTED if the whole interval is inside the range, REFUTED if it is outside, and INCONCLUSIVE otherwise. */
export function statusOf([low, high]: Interval, range: RatioRange): Exclude<VerdictStatus, 'INVALID'> {
  const from = range.from ?? Number.NEGATIVE_INFINITY;
  const to = range.to ?? Number.POSITIVE_INFINITY;
  if (low >= from && high < to) return 'SUPPORTED';
  return high < from || low >= to ? 'REFUTED' : 'INCONCLUSIVE';
}
