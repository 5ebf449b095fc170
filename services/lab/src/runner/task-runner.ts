import type { CheckResult, Lab, LabPoint, LabProgress, LabRun, Prediction, Task } from '@prodigon/contracts/workshop';

/** The experiment of a task, without the learner's prediction and runs. */
export type ExperimentDescription = Pick<
  Lab,
  'id' | 'title' | 'claim' | 'prediction_form' | 'arms' | 'baseline' | 'subject' | 'workloads' | 'metrics' | 'seconds'
>;

export interface ExperimentRequest {
  /** The folder of the task. */
  readonly folder: string;
  readonly seed: number;
  readonly isQuick: boolean;
  readonly workload: string;
  readonly arms: readonly string[];
  readonly prediction: Prediction | null;
}

/** The fields of a run that its measurement determines. */
export type ExperimentOutcome = Pick<LabRun, 'points' | 'estimates' | 'verdict' | 'environment'>;

export interface ExperimentListeners {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: LabProgress) => void;
  readonly onPoint: (point: LabPoint) => void;
}

export interface ChecksRequest {
  /** The folder of the task. */
  readonly folder: string;
  /** The learner's copy. */
  readonly learnerFolder: string;
  readonly seed: number;
  readonly only: readonly string[] | null;
}

export interface ChecksOutcome {
  /** Why no check could run, as a sentence for the learner. */
  readonly problem: string | null;
}

export interface ChecksListeners {
  readonly signal: AbortSignal;
  readonly onResult: (result: CheckResult) => void;
}

/**
 * Runs the code of tasks and of the learner. Its methods reject with the reason of an aborted signal, and with a `RunnerError` if
 * the code cannot run.
 */
export interface TaskRunner {
  describeExperiment(folder: string): Promise<ExperimentDescription>;
  describeChecks(folder: string): Promise<Task['checks']>;
  runExperiment(request: ExperimentRequest, listeners: ExperimentListeners): Promise<ExperimentOutcome>;
  runChecks(request: ChecksRequest, listeners: ChecksListeners): Promise<ChecksOutcome>;
  /** Stops the platforms that killed experiments left behind, and removes their folders. */
  sweep(): Promise<void>;
}

/** The code of a task failed, or its process ended. */
export class RunnerError extends Error {
  override readonly name = 'RunnerError';
  /** A sentence for the learner. */
  readonly problem: string;

  constructor(problem: string, options?: ErrorOptions) {
    super(problem, options);
    this.problem = problem;
  }
}
