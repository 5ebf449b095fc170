const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
const SECONDS_MAX = 10 * 365 * 86_400;

/** Returns the seconds of a duration such as `30d`, `12h`, `45m` or `90s`; null for other text and for more than ten years. */
export function parseDuration(text: string): number | null {
  const [, count, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (count === undefined) return null;
  const seconds = Number(count) * (UNIT_SECONDS[unit] ?? 0);
  return seconds <= SECONDS_MAX ? seconds : null;
}
