import type { Lab, LabRun } from '@prodigon/contracts/workshop';
import type { Arm, Experiment, Metric, Workload } from './experiment.ts';
import { planDurations, totalSeconds } from './run-progress.ts';

/** Returns what the API says about an experiment, without what the learner has done. */
export function describeExperiment(experiment: Experiment): Omit<Lab, 'prediction' | 'active_run' | 'runs'> {
  const { id, task, title, claim, predictionForm, arms, baseline, subject, workloads, metrics } = experiment;
  return {
    ...{ id, task, title, claim, prediction_form: predictionForm, baseline, subject },
    arms: arms.map(describeArm),
    workloads: workloads.map(describeWorkload),
    metrics: metrics.map(describeMetric),
    seconds: {
      full: totalSeconds(planDurations(experiment, 'full')),
      quick: totalSeconds(planDurations(experiment, 'quick')),
    },
  };
}

export const describeWorkload = ({ id, label, description }: Workload): LabRun['workload'] => ({ id, label, description });

export const describeMetric = ({ id, label, unit, is_higher_better, description }: Metric): LabRun['metrics'][number] => ({
  ...{ id, label, unit, is_higher_better, description },
});

export const describeArm = ({ id, label, description, stack }: Arm): LabRun['arms'][number] => ({
  ...{ id, label, description },
  configuration: { ...stack.env },
});
