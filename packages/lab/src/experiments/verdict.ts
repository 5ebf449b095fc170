import type { GuardResult, LabVerdict, Prediction, RatioEstimate, VerdictStatus } from '@prodigon/contracts/workshop';
import { effectOf, statusOf } from './effect.ts';
import type { Experiment } from './experiment.ts';
import { describeChanges } from './recordings.ts';
import { describeResult } from './result-sentence.ts';

export interface VerdictInput {
  readonly experiment: Experiment;
  readonly workload: string;
  /** The first metric of the subject against the baseline; null when it could not be estimated. */
  readonly estimate: RatioEstimate | null;
  readonly guards: readonly GuardResult[];
  readonly prediction: Pick<Prediction, 'range'> | null;
}

/** Decides the verdict from the measurement of this run only. If a guard is not met, it is INVALID and has no estimate. */
export function decideVerdict({
  experiment,
  workload,
  estimate: measured,
  guards: checked,
  prediction,
}: VerdictInput): LabVerdict {
  const { claim, claimRange, margin, recordings } = experiment;
  const isValid = checked.every(({ is_met }) => is_met);
  const guards = isValid && !measured ? [...checked, NOT_MEASURABLE] : [...checked];
  const estimate = isValid ? measured : null;
  const effect = estimate ? effectOf(estimate.interval, margin) : 'unclear';
  const status: VerdictStatus = estimate ? statusOf(estimate.interval, claimRange) : 'INVALID';
  const judged = { status, effect, estimate, guards };
  return {
    ...judged,
    ...{ claim, claim_range: claimRange, margin },
    sentence: describeResult(experiment, judged),
    prediction_status: prediction && (estimate ? statusOf(estimate.interval, prediction.range) : 'INVALID'),
    would_change: estimate ? describeChanges({ status, effect, workload }, recordings) : [],
  };
}

const NOT_MEASURABLE: GuardResult = {
  ...{ id: 'measurable', label: 'The metric has a value in enough blocks' },
  ...{ is_met: false, measured: 'too few values', required: 'a positive value in at least five blocks' },
};
