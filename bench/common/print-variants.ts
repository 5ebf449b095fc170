import type { RatioSummary, Summary, VariantReport } from '@prodigon/lab';

export interface Column {
  /** The name of the figure. */
  readonly figure: string;
  /** The label with its unit. */
  readonly title: string;
  /** The direction of improvement, for the label of the plot. */
  readonly isBetterWhen?: 'less' | 'more';
  /** Whether to print the ratio to the baseline. */
  readonly hasRatio?: boolean;
}

/** Prints one row per variant: the median, minimum and maximum of each figure, and the mean ratios with their 95 % intervals. */
export function printVariants(variants: readonly VariantReport[], columns: readonly Column[]): void {
  const rows = variants.map(({ name, figures, ratios, comparedWith }) => {
    const cells = columns.flatMap(({ figure, title, hasRatio }) => [
      [title, cellOf(figures[figure])],
      ...(hasRatio ? [[`ratio of ${title}`, comparedWith ? `${ratioOf(ratios[figure])} × ${comparedWith}` : '']] : []),
    ]);
    return [name, Object.fromEntries(cells)];
  });
  console.table(Object.fromEntries(rows));
}

function cellOf(summary: Summary | undefined): string {
  if (!summary || Number.isNaN(summary.median)) return '';
  const { median, min, max } = summary;
  return `${formatNumber(median)} (${formatNumber(min)} to ${formatNumber(max)})`;
}

function ratioOf(ratio: RatioSummary | undefined): string {
  if (ratio?.mean === undefined || !ratio.interval) return cellOf(ratio);
  const [low, high] = ratio.interval;
  return `${formatNumber(ratio.mean)} (95 %: ${formatNumber(low)} to ${formatNumber(high)})`;
}

const formatNumber = (value: number) => Number(value.toPrecision(3)).toLocaleString('en');
