import { plotBars, type VariantReport } from '@prodigon/lab';
import type { Column } from './print-variants.ts';

/** The first figure of each variant that has it, ours in colour, as the text of an SVG. */
export function plotVariants(title: string, variants: readonly VariantReport[], [column]: readonly Column[]): string {
  const { figure = '', title: label = '', isBetterWhen } = column ?? {};
  const bars = variants.flatMap(({ name, figures }) => {
    const value = figures[figure];
    return value ? [{ name, value, isEmphasised: name.startsWith('Prodigon') }] : [];
  });
  return plotBars({ title, label: isBetterWhen ? `${label} (${isBetterWhen} is better)` : label, bars });
}
