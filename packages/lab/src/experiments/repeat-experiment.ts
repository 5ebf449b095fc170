import type { Experiment } from './experiment.ts';
import { runExperiment } from './run-experiment.ts';
import type { RunDependencies, RunOptions, RunOutcome } from './run-options.ts';

export interface RepeatedOutcome {
  readonly outcomes: readonly RunOutcome[];
  /** Whether at least one run is valid, and all valid runs have the same status and effect. */
  readonly isSame: boolean;
}

/** Runs an experiment several times, each with the next seed. */
export async function repeatExperiment(
  experiment: Experiment,
  { times, seed, ...options }: RunOptions & { readonly times: number },
  dependencies: Partial<RunDependencies> = {},
): Promise<RepeatedOutcome> {
  const outcomes: RunOutcome[] = [];
  for (let run = 0; run < times; run += 1)
    outcomes.push(await runExperiment(experiment, { ...options, seed: seed + run }, dependencies));
  const valid = outcomes.filter(({ verdict }) => verdict.status !== 'INVALID');
  return { outcomes, isSame: new Set(valid.map(({ verdict }) => `${verdict.status} ${verdict.effect}`)).size === 1 };
}
