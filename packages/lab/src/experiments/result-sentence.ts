import type { LabVerdict } from '@prodigon/contracts/workshop';
import type { Experiment } from './experiment.ts';
import { formatRatio } from './format-ratio.ts';

const CONCLUSIONS = {
  SUPPORTED: 'The claim holds here.',
  REFUTED: 'The claim does not hold here.',
  INCONCLUSIVE: 'The interval contains a limit of the claim. A longer run can decide.',
} as const;

/** Returns the result in one or two sentences, with numbers of two significant digits. */
export function describeResult(
  { arms, subject, baseline, metrics, margin }: Pick<Experiment, 'arms' | 'subject' | 'baseline' | 'metrics' | 'margin'>,
  { status, effect, estimate, guards }: Pick<LabVerdict, 'status' | 'effect' | 'estimate' | 'guards'>,
): string {
  if (!estimate || status === 'INVALID') {
    const failed = guards.find(({ is_met }) => !is_met);
    const reason = failed && ` Not met: “${failed.label}” (measured: ${failed.measured}; required: ${failed.required}).`;
    return `This run says nothing about the claim.${reason ?? ''}`;
  }
  const labelOf = (id: string) => arms.find((arm) => arm.id === id)?.label ?? id;
  const label = metrics[0]?.label ?? estimate.metric;
  const metric = label.charAt(0).toLowerCase() + label.slice(1);
  const difference = {
    more: '',
    less: '',
    no_difference: `, which is no difference beyond ${Math.round(margin * 100)} %`,
    unclear: `, so that a difference of more than ${Math.round(margin * 100)} % is neither shown nor excluded`,
  }[effect];
  return `${labelOf(subject)} reached ${formatRatio(estimate.ratio)} times the ${metric} of ${labelOf(baseline)}${difference}. ${CONCLUSIONS[status]}`;
}
