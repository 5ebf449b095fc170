import type { LabMetric, PredictionForm, RatioRange } from '@prodigon/contracts/workshop';
import type { Replicas, StandaloneService, Topology } from '@prodigon/stack';
import type { Call, ResponseCheck } from '../load/load-plan.ts';
import type { LoadResult } from '../load/load-result.ts';
import type { Recording } from './recordings.ts';

/** A configuration of the platform that an experiment compares. Each arm runs in its own processes on free ports. */
export interface Arm {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly stack: {
    readonly topology: Topology;
    readonly replicas?: Replicas;
    /** Services of the topology "services". Without the worker, no database starts. Defaults to all. */
    readonly services?: readonly StandaloneService[];
    readonly env: Readonly<Record<string, string>>;
  };
}

/** A request to the gateway, and how to recognize its correct response. */
export interface WorkloadCall extends Omit<Call, 'url'> {
  /** From the root of the gateway, e.g. `/v1/chat/completions`. */
  readonly path: string;
  readonly check: Omit<ResponseCheck, 'processes'>;
}

export interface Workload {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly ratePerSecond: number;
  /** Keep-alive connections to the gateway. Waiting for a free one counts as latency. Defaults to 64. */
  readonly connections?: number;
  /** Environment variables of all arms in this workload. */
  readonly env?: Readonly<Record<string, string>>;
  /** Returns the request that the load generator repeats. The same seed returns the same request. */
  call(seed: number): WorkloadCall;
}

/** A measured value of a block. It must be positive, because experiments compare arms by ratios. */
export interface Metric extends LabMetric {
  read(load: LoadResult): number;
  /** Latencies that an arm needs in the whole run, e.g. 1,000 for a 99th percentile. */
  readonly latenciesMin?: number;
}

/** A number for full runs, and one for quick runs. */
export interface RunLength {
  readonly full: number;
  readonly quick: number;
}

/** A claim about the platform, with everything that a run needs to test it. */
export interface Experiment {
  readonly id: string;
  /** The number of its task, e.g. `01`. */
  readonly task: string;
  /** The question that the experiment answers. */
  readonly title: string;
  readonly claim: string;
  /** Ratios of the first metric, subject to baseline, for which the claim holds. */
  readonly claimRange: RatioRange;
  readonly predictionForm: PredictionForm;
  readonly arms: readonly Arm[];
  /** The id of the arm with which the others are compared. */
  readonly baseline: string;
  /** The id of the arm that the claim is about. */
  readonly subject: string;
  /** The first one is the default. */
  readonly workloads: readonly Workload[];
  /** The first one decides. */
  readonly metrics: readonly Metric[];
  /** Ratios within 1 ± margin count as no difference. */
  readonly margin: number;
  /** A block measures every arm once. */
  readonly blocks: RunLength;
  readonly blockMs: RunLength;
  readonly warmUpMs: RunLength;
  /** Responses of each arm before the first block. Defaults to 1,000. */
  readonly warmUpRequestsMin?: number;
  /** Maximum share of wrong responses. Defaults to 0.001. */
  readonly errorShareMax?: number;
  /** Recorded runs, whose other results a verdict lists. Its status never depends on them. */
  readonly recordings: readonly Recording[];
}
