import type { ClosedLoopOptions } from '../load/closed-loop.ts';
import type { LoadResult } from '../load/load-result.ts';
import type { Workload } from './experiment.ts';
import type { RunningStack } from './start-stacks.ts';

/** Few connections, so that an arm that is slow at first cannot queue for long. */
const CONNECTIONS = 16;

/** Warms all arms up concurrently, until V8 has compiled what a request needs. Returns the number of requests by arm. */
export async function warmUp(
  stacks: readonly RunningStack[],
  {
    workload,
    seed,
    durationMs,
    signal,
    load,
  }: {
    workload: Workload;
    seed: number;
    durationMs: number;
    signal: AbortSignal;
    load: (options: ClosedLoopOptions) => Promise<LoadResult>;
  },
): Promise<Record<string, number>> {
  const { path, check, ...call } = workload.call(seed);
  const results = await Promise.all(
    stacks.map(({ url, processes }) =>
      load({ ...call, url: `${url}${path}`, check: { ...check, processes }, connections: CONNECTIONS, durationMs, signal }),
    ),
  );
  return Object.fromEntries(results.map(({ responses }, index) => [stacks[index]?.arm.id ?? '', responses]));
}
