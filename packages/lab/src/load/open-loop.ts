import { type LoadOptions, toLoadPlan } from './load-options.ts';
import type { LoadResult } from './load-result.ts';
import { runGenerator } from './run-generator.ts';

/** Holds the backlog of more than a second at common rates, and stays below the usual limit of open files. */
const CONNECTIONS = 500;

export interface OpenLoopOptions extends LoadOptions {
  readonly ratePerSecond: number;
  readonly durationMs: number;
  /** The number of keep-alive connections, opened before the first request. Waiting for a free one counts as latency. */
  readonly connections?: number;
}

/** Runs an open loop: sends requests at a constant rate, independent of responses. Latency counts from the scheduled time. */
export function openLoop({
  ratePerSecond,
  durationMs,
  connections = CONNECTIONS,
  ...options
}: OpenLoopOptions): Promise<LoadResult> {
  return runGenerator(toLoadPlan(options, { type: 'open', ratePerSecond, durationMs, connections }), options);
}
