import { type LoadOptions, toLoadPlan } from './load-options.ts';
import type { LoadResult } from './load-result.ts';
import { runGenerator } from './run-generator.ts';

/** Enough for a second and more of calls that wait, within what a process may have open. */
const CONNECTIONS = 500;

export interface OpenLoopOptions extends LoadOptions {
  readonly ratePerSecond: number;
  readonly durationMs: number;
  /** Keep-alive connections, open before the first call; a call that finds none free waits, and that counts. */
  readonly connections?: number;
}

/** Calls at a steady rate, however long the answers take. Each latency runs from when its call was due. */
export function openLoop({
  ratePerSecond,
  durationMs,
  connections = CONNECTIONS,
  ...options
}: OpenLoopOptions): Promise<LoadResult> {
  return runGenerator(toLoadPlan(options, { type: 'open', ratePerSecond, durationMs, connections }), options);
}
