/** A duration in its two largest units, such as `2 h 5 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.floor(seconds);
  const units = [
    ['d', Math.floor(whole / 86_400)],
    ['h', Math.floor(whole / 3_600) % 24],
    ['min', Math.floor(whole / 60) % 60],
    ['s', whole % 60],
  ] as const;
  const first = units.findIndex(([, amount]) => amount > 0);
  if (first === -1) return '0 s';
  return units
    .slice(first, first + 2)
    .filter(([, amount]) => amount > 0)
    .map(([unit, amount]) => `${amount} ${unit}`)
    .join(' ');
}

/** `4.2 ms` below ten milliseconds, then `42 ms`, and `1.1 s` from a second on. */
export function formatMilliseconds(milliseconds: number): string {
  if (milliseconds >= 999.5) return formatLatency(milliseconds);
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}

/** `340 ms`, `2.4 s` or `3 min 5 s`, by magnitude. */
export function formatLatency(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  return formatDuration(milliseconds / 1_000);
}

/** A rate per second without its unit: `3.4` below ten, `1,204` from there on. */
export function formatRate(perSecond: number): string {
  return perSecond < 10 ? perSecond.toFixed(1) : formatCount(Math.round(perSecond));
}

export function formatCount(count: number): string {
  return count.toLocaleString('en');
}

/** `1 prompt`, `2,000 prompts`. */
export function formatCountOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `$12.30`, and below ten cents two significant digits: `$0.042`, `$0.00012`. */
export function formatDollars(dollars: number): string {
  const isSmall = dollars !== 0 && dollars < 0.1;
  const digits = isSmall ? { maximumSignificantDigits: 2 } : { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return `$${dollars.toLocaleString('en', digits)}`;
}

const TIMESTAMP = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' });

/** Date and time in the time zone of the browser. */
export function formatTimestamp(isoTime: string): string {
  return TIMESTAMP.format(new Date(isoTime));
}
