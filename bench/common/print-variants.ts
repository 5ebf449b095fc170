import type { Summary, VariantReport } from '@prodigon/lab';

export interface Column {
  /** Of the variants' figures. */
  readonly figure: string;
  /** With its unit. */
  readonly title: string;
  /** Which of two values is the better one, for who looks at the plot. */
  readonly isBetterWhen?: 'less' | 'more';
  /** Whether its ratio to the variant compared with is shown too. */
  readonly hasRatio?: boolean;
}

/** One row an variant: the median of each figure, with the lowest and the highest one, and the ratios. */
export function printVariants(variants: readonly VariantReport[], columns: readonly Column[]): void {
  const rows = variants.map(({ name, figures, ratios, comparedWith }) => {
    const cells = columns.flatMap(({ figure, title, hasRatio }) => [
      [title, cellOf(figures[figure])],
      ...(hasRatio ? [['ratio', comparedWith ? `${cellOf(ratios[figure])} × ${comparedWith}` : '']] : []),
    ]);
    return [name, Object.fromEntries(cells)];
  });
  console.table(Object.fromEntries(rows));
}

function cellOf(summary: Summary | undefined): string {
  if (!summary || Number.isNaN(summary.median)) return '';
  const { median, min, max } = summary;
  return `${shown(median)} (${shown(min)} to ${shown(max)})`;
}

const shown = (value: number) => Number(value.toPrecision(3)).toLocaleString('en');
