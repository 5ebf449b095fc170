import { toTerminalText } from './terminal-text.ts';

/** Returns rows as aligned columns, indented by two spaces. `headings` are the first row. */
export function formatTable(rows: readonly (readonly string[])[], headings?: readonly string[]): string {
  const widths: number[] = [];
  const all = headings ? [headings, ...rows] : rows;
  const lines = all.map((row) => row.map((cell) => toTerminalText(cell).replace(/\s+/g, ' ')));
  for (const row of lines)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  return lines.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd()).join('\n');
}
