import type { CheckResult, LabPoint, LabProgress } from '@prodigon/contracts/workshop';
import type { ChecksRequest, ExperimentRequest } from './task-runner.ts';

/** What the lab service sends to its runner process, once. */
export type RunnerCommand =
  | { readonly type: 'describeExperiment'; readonly folder: string }
  | { readonly type: 'describeChecks'; readonly folder: string }
  | { readonly type: 'runExperiment'; readonly request: ExperimentRequest }
  | { readonly type: 'runChecks'; readonly request: ChecksRequest }
  | { readonly type: 'sweep' };

/** What the runner process sends back. The last message is `done` or `failed`. */
export type RunnerMessage =
  | { readonly type: 'progress'; readonly progress: LabProgress }
  | { readonly type: 'point'; readonly point: LabPoint }
  | { readonly type: 'result'; readonly result: CheckResult }
  | { readonly type: 'done'; readonly value: unknown }
  /** `problem` is a sentence for the learner, `reason` is for the log. */
  | { readonly type: 'failed'; readonly problem: string; readonly reason: string };
