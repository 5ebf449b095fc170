import { describeEnvironment } from './describe-environment.ts';
import { describeArm, describeMetric, describeWorkload } from './describe-experiment.ts';
import { estimateRatios } from './estimate-ratios.ts';
import type { Experiment } from './experiment.ts';
import { checkGuards, WARM_UP_REQUESTS_MIN } from './guards.ts';
import { measureExperiment } from './measure-experiment.ts';
import { type RunDependencies, type RunOptions, type RunOutcome, selectArms, selectWorkload } from './run-options.ts';
import { planDurations } from './run-progress.ts';
import { decideVerdict } from './verdict.ts';

/**
 * Runs an experiment: all arms concurrently as platforms of their own, measured in interleaved blocks under an open-loop load.
 * All processes have ended when the promise settles. Rejects when a platform does not start, and with the reason of an aborted
 * signal. A disturbed measurement is not an error: its verdict is INVALID.
 */
export async function runExperiment(
  experiment: Experiment,
  options: RunOptions,
  dependencies: Partial<RunDependencies> = {},
): Promise<RunOutcome> {
  const { seed, isQuick = false, prediction = null, signal = new AbortController().signal, onEvent = () => {} } = options;
  const { metrics, baseline, subject, blocks, blockMs, warmUpMs } = experiment;
  const workload = selectWorkload(experiment, options.workload);
  const arms = selectArms(experiment, options.arms);
  const ids = arms.map(({ id }) => id);
  const length = isQuick ? 'quick' : 'full';
  const environment = describeEnvironment();
  const durations = planDurations({ arms, blocks, blockMs, warmUpMs }, length);
  const { record, points } = await measureExperiment(
    {
      ...{ arms, metrics, workload, seed, durations, signal, onEvent },
      ...{ blocks: blocks[length], blockMs: blockMs[length], warmUpMs: warmUpMs[length] },
      warmUpRequestsMin: experiment.warmUpRequestsMin ?? WARM_UP_REQUESTS_MIN,
    },
    dependencies,
  );
  const measured = estimateRatios({ metrics, baseline }, ids, points, seed);
  const estimate = measured.find(({ arm, metric }) => arm === subject && metric === metrics[0]?.id) ?? null;
  const guards = checkGuards(experiment, ids, record);
  const verdict = decideVerdict({ experiment, workload: workload.id, estimate, guards, prediction });
  return {
    workload: describeWorkload(workload),
    arms: arms.map(describeArm),
    metrics: metrics.map(describeMetric),
    points,
    // Readers must not take figures that a guard invalidates for a result.
    estimates: verdict.status === 'INVALID' ? [] : measured,
    verdict,
    environment,
  };
}
