import { type ArmReport, plotBars } from '@prodigon/lab';
import type { Column } from './print-variants.ts';

/** The first figure of each arm that has it, ours in colour, as the text of an SVG. */
export function plotArms(title: string, arms: readonly ArmReport[], [column]: readonly Column[]): string {
  const { figure = '', title: label = '', isBetterWhen } = column ?? {};
  const bars = arms.flatMap(({ name, figures }) => {
    const value = figures[figure];
    return value ? [{ name, value, isEmphasised: name.startsWith('Prodigon') }] : [];
  });
  return plotBars({ title, label: isBetterWhen ? `${label} (${isBetterWhen} is better)` : label, bars });
}
