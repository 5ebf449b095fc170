import { type LoadOptions, toLoadPlan } from './load-options.ts';
import type { LoadResult } from './load-result.ts';
import { runGenerator } from './run-generator.ts';

export interface ClosedLoopOptions extends LoadOptions {
  readonly connections: number;
  readonly durationMs: number;
}

/** Runs a closed loop: each keep-alive connection sends its next request when the previous response is complete. */
export function closedLoop({ connections, durationMs, ...options }: ClosedLoopOptions): Promise<LoadResult> {
  return runGenerator(toLoadPlan(options, { type: 'closed', connections, durationMs }), options);
}
