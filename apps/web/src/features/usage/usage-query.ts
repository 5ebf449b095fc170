/** What the page shows, as its URL says it. */
export const RANGES = ['7', '30', '90'] as const;
export type Range = (typeof RANGES)[number];

export const MEASURES = ['requests', 'tokens', 'cost'] as const;
export type Measure = (typeof MEASURES)[number];

const DAY_MS = 86_400_000;

/** Parameters that make no sense do not count. */
export function usageViewOf(parameters: URLSearchParams): { range: Range; measure: Measure } {
  return {
    range: RANGES.find((range) => range === parameters.get('days')) ?? '30',
    measure: MEASURES.find((measure) => measure === parameters.get('measure')) ?? 'requests',
  };
}

/** The last days in UTC, today included: days are what the report counts by. */
export function periodOf(range: Range, now: number): { from: string; to: string } {
  return { from: isoDay(now - (Number(range) - 1) * DAY_MS), to: isoDay(now) };
}

/** Every day of a period, in order. */
export function daysOf({ from, to }: { from: string; to: string }): string[] {
  const days: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += DAY_MS) days.push(isoDay(at));
  return days;
}

function isoDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
