import { type LoadOptions, toLoadPlan } from './load-options.ts';
import type { LoadResult } from './load-result.ts';
import { runGenerator } from './run-generator.ts';

export interface ClosedLoopOptions extends LoadOptions {
  readonly connections: number;
  readonly durationMs: number;
}

/** So many keep-alive connections, each of which sends its next call when the last one is answered. */
export function closedLoop({ connections, durationMs, ...options }: ClosedLoopOptions): Promise<LoadResult> {
  return runGenerator(toLoadPlan(options, { type: 'closed', connections, durationMs }), options);
}
