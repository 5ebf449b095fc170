import { plotBars, type VariantReport } from '@prodigon/lab';
import type { Column } from './print-variants.ts';

/** Returns an SVG document with the first column of each variant, Prodigon in the accent color. */
export function plotVariants(title: string, variants: readonly VariantReport[], [column]: readonly Column[]): string {
  const { figure = '', title: label = '', isBetterWhen } = column ?? {};
  const bars = variants.flatMap(({ name, figures }) => {
    const value = figures[figure];
    return value ? [{ name, value, isEmphasized: name.startsWith('Prodigon') }] : [];
  });
  return plotBars({ title, label: isBetterWhen ? `${label} (${isBetterWhen} is better)` : label, bars });
}
