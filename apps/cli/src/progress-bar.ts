const BAR_COLUMNS = { min: 10, max: 40 };
const SEPARATOR = ' · ';

/**
 * Returns a line such as ` 42% ████████░░░░░░░░░░░░ 42/100 · 12.3/s`. Without `columns`, it has no bar and no limit. A
 * narrow terminal shows fewer of the `parts`, and then no bar.
 */
export function formatProgressLine(share: number, parts: readonly string[], columns: number | undefined): string {
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  if (columns === undefined) return `${percent.trim()} ${parts.join(SEPARATOR)}`;

  // Some terminals start a new line when the last column is filled.
  const roomFor = (texts: readonly string[]) => columns - 1 - percent.length - 2 - texts.join(SEPARATOR).length;
  const shown = [...parts];
  while (shown.length > 1 && roomFor(shown) < BAR_COLUMNS.min) shown.pop();
  const room = Math.min(BAR_COLUMNS.max, roomFor(shown));
  const line = [percent, ...(room < BAR_COLUMNS.min ? [] : [bar(share, room)]), shown.join(SEPARATOR)].join(' ');
  return line.slice(0, Math.max(0, columns - 1));
}

function bar(share: number, columns: number): string {
  const full = Math.floor(share * columns);
  return '█'.repeat(full) + '░'.repeat(columns - full);
}
