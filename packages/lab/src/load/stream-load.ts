import { type LoadOptions, toLoadPlan } from './load-options.ts';
import type { LoadResult } from './load-result.ts';
import { runGenerator } from './run-generator.ts';

/**
 * How a stream load ends. With `times`, each stream is read to its end that many times, and the measurement window is the
 * whole load. With `durationMs` or `whileOpen`, the window opens after the ramp. It closes after the duration, or when
 * `whileOpen` settles, and the load cancels all open streams.
 */
export type StreamLoadEnd =
  | { readonly times: number; readonly durationMs?: never; readonly whileOpen?: never }
  | { readonly durationMs: number; readonly times?: never; readonly whileOpen?: never }
  | { readonly whileOpen: () => Promise<void>; readonly times?: never; readonly durationMs?: never };

export type StreamLoadOptions = LoadOptions &
  StreamLoadEnd & {
    readonly streams: number;
    /** The period over which the streams start one after another. Defaults to 0: all start together. */
    readonly rampMs?: number;
    /** The pause between the ramp and the measurement window. */
    readonly settleMs?: number;
  };

/** Runs `streams` concurrent event streams, each on its own keep-alive connection, opened before the load starts. */
export function streamLoad(options: StreamLoadOptions): Promise<LoadResult> {
  const { streams, rampMs = 0, settleMs = 0, times = null, durationMs = null } = options;
  const plan = toLoadPlan({ ...options, isStream: true }, { type: 'streams', streams, rampMs, settleMs, times, durationMs });
  return runGenerator(plan, options);
}
