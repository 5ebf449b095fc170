import { type LoadOptions, toLoadPlan } from './load-options.ts';
import type { LoadResult } from './load-result.ts';
import { runGenerator } from './run-generator.ts';

/**
 * How a stream load ends. `times`: each stream is opened so many times and read to its end; the window is all of it.
 * `durationMs`, `whileOpen`: the window begins after the ramp and ends when the time is over or `whileOpen` settles; what
 * is open then is cut off.
 */
export type StreamLoadEnd =
  | { readonly times: number; readonly durationMs?: never; readonly whileOpen?: never }
  | { readonly durationMs: number; readonly times?: never; readonly whileOpen?: never }
  | { readonly whileOpen: () => Promise<void>; readonly times?: never; readonly durationMs?: never };

export type StreamLoadOptions = LoadOptions &
  StreamLoadEnd & {
    readonly streams: number;
    /** The time over which the streams start one after another; without it, all start together. */
    readonly rampMs?: number;
    /** Between the ramp and the window. */
    readonly settleMs?: number;
  };

/** So many event streams at a time, each on a keep-alive connection of its own that is open before. */
export function streamLoad(options: StreamLoadOptions): Promise<LoadResult> {
  const { streams, rampMs = 0, settleMs = 0, times = null, durationMs = null } = options;
  const plan = toLoadPlan({ ...options, isStream: true }, { type: 'streams', streams, rampMs, settleMs, times, durationMs });
  return runGenerator(plan, options);
}
