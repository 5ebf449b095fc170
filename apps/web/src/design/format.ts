/** A duration in the two units that matter, e.g. `2 h 5 min`. */
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

export function formatMilliseconds(milliseconds: number): string {
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}

/** How long something took, as precise as it is short: `340 ms`, `2.4 s`, `3 min 5 s`. */
export function formatLatency(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  return formatDuration(milliseconds / 1_000);
}

export function formatCount(count: number): string {
  return count.toLocaleString('en');
}

/** `1 prompt`, `2,000 prompts`. */
export function formatCountOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `$0.00012`, `$0.042`, `$12.30`: cents where there are any, else the two digits that count. */
export function formatDollars(dollars: number): string {
  const isSmall = dollars !== 0 && dollars < 0.1;
  const digits = isSmall ? { maximumSignificantDigits: 2 } : { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return `$${dollars.toLocaleString('en', digits)}`;
}

/** The day and time at the reader's place. */
export function formatMoment(isoTime: string): string {
  return MOMENT.format(new Date(isoTime));
}

const MOMENT = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' });
