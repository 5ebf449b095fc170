import type { ClosedLoopOptions } from '../load/closed-loop.ts';
import type { LoadResult } from '../load/load-result.ts';
import type { Workload } from './experiment.ts';
import type { RunningStack } from './start-stacks.ts';

/** Few connections, so that an arm that is slow at first cannot queue for long. */
const CONNECTIONS = 16;
/** A slow machine needs more rounds for the same number of requests. A run on an even slower one is not valid. */
const ROUNDS_MAX = 4;

export interface WarmUpOptions {
  readonly workload: Workload;
  readonly seed: number;
  readonly durationMs: number;
  /** Responses that each arm needs. The warm-up is repeated until then, up to three times. */
  readonly requestsMin: number;
  readonly signal: AbortSignal;
  readonly load: (options: ClosedLoopOptions) => Promise<LoadResult>;
}

/** Warms all arms up concurrently, until V8 has compiled the code of a request. Returns the number of responses by arm. */
export async function warmUp(
  stacks: readonly RunningStack[],
  { workload, seed, durationMs, requestsMin, signal, load }: WarmUpOptions,
): Promise<Record<string, number>> {
  const { path, check, ...call } = workload.call(seed);
  const responses: Record<string, number> = {};
  for (let round = 1; round <= ROUNDS_MAX; round += 1) {
    const results = await Promise.all(
      stacks.map(async ({ arm, url, processes }) => {
        const target = { ...call, url: `${url}${path}`, check: { ...check, processes } };
        return { arm, result: await load({ ...target, connections: CONNECTIONS, durationMs, signal }) };
      }),
    );
    for (const { arm, result } of results) responses[arm.id] = (responses[arm.id] ?? 0) + result.responses;
    if (Object.values(responses).every((count) => count >= requestsMin)) break;
  }
  return responses;
}
