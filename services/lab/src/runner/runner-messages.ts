import type { CheckResult, LabPoint, LabProgress } from '@prodigon/contracts/workshop';
import type { ChecksRequest, ExperimentRequest } from './task-runner.ts';

/** The only message of the lab service to a runner process. */
export type RunnerCommand =
  | { readonly type: 'describeExperiment'; readonly folder: string }
  | { readonly type: 'describeChecks'; readonly folder: string }
  | { readonly type: 'runExperiment'; readonly request: ExperimentRequest }
  | { readonly type: 'runChecks'; readonly request: ChecksRequest }
  | { readonly type: 'sweep' };

/** A message of a runner process. The last one is `done` or `failed`. */
export type RunnerMessage =
  | { readonly type: 'progress'; readonly progress: LabProgress }
  | { readonly type: 'point'; readonly point: LabPoint }
  | { readonly type: 'result'; readonly result: CheckResult }
  | { readonly type: 'done'; readonly value: unknown }
  /** `problem` is a sentence for the learner, `reason` is for the log. */
  | { readonly type: 'failed'; readonly problem: string; readonly reason: string };
