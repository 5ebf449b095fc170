import type { LabPoint, LabProgress, LabRun, Prediction } from '@prodigon/contracts/workshop';
import type { readCpu } from '../checks/foreign-load.ts';
import type { closedLoop } from '../load/closed-loop.ts';
import type { openLoop } from '../load/open-loop.ts';
import type { Arm, Experiment, Workload } from './experiment.ts';
import type { startStacks } from './start-stacks.ts';

export type RunEvent =
  | { readonly type: 'progress'; readonly progress: LabProgress }
  | { readonly type: 'point'; readonly point: LabPoint };

export interface RunOptions {
  /** Determines the order of the arms, the request and the resampling. */
  readonly seed: number;
  readonly isQuick?: boolean;
  /** The id of a workload. Defaults to the first one. */
  readonly workload?: string | null | undefined;
  /** The ids of arms besides the two that the claim compares. Defaults to all. */
  readonly arms?: readonly string[] | null | undefined;
  readonly prediction?: Pick<Prediction, 'range'> | null;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: RunEvent) => void;
}

/** The fields of a run that its measurement determines. */
export type RunOutcome = Pick<LabRun, 'workload' | 'arms' | 'metrics' | 'points' | 'estimates' | 'environment'> & {
  readonly verdict: NonNullable<LabRun['verdict']>;
};

/** Dependencies that tests replace. */
export interface RunDependencies {
  readonly startStacks: typeof startStacks;
  readonly closedLoop: typeof closedLoop;
  readonly openLoop: typeof openLoop;
  readonly readCpu: typeof readCpu;
  readonly now: () => number;
}

/** Returns the workload with this id. Throws a `RangeError` for an unknown one. */
export function selectWorkload({ workloads }: Experiment, id: string | null | undefined): Workload {
  const selected = id == null ? workloads[0] : workloads.find((workload) => workload.id === id);
  if (!selected) throw new RangeError(`The experiment has no workload "${id}".`);
  return selected;
}

/** Returns the arms that the claim compares and those with these ids, in the order of the experiment. Throws a `RangeError` for an unknown one. */
export function selectArms({ arms, baseline, subject }: Experiment, ids: readonly string[] | null | undefined): Arm[] {
  const unknown = ids?.find((id) => !arms.some((arm) => arm.id === id));
  if (unknown !== undefined) throw new RangeError(`The experiment has no arm "${unknown}".`);
  return arms.filter(({ id }) => id === baseline || id === subject || (ids?.includes(id) ?? true));
}
