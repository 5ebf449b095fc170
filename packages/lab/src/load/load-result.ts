/** Durations in milliseconds, to three significant digits. Null without any sample. */
export type Distribution = {
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
} | null;

/** The outcome of a load in its measurement window: the whole load for requests, the time after the ramp for streams. */
export interface LoadResult {
  readonly elapsedMs: number;
  /** From the start of the window to the last request that was sent. It exceeds the planned duration when the load fell behind. */
  readonly sendingMs: number;
  /** The number of complete, correct responses, without rejections. */
  readonly responses: number;
  readonly responsesPerSecond: number;
  /** From the scheduled send time to the last byte of a correct response. */
  readonly latency: Distribution;
  /** From the scheduled send time of a stream to its first token, including streams of the ramp. */
  readonly firstToken: Distribution;
  /** Between two socket reads with tokens of the same stream. */
  readonly gaps: Distribution;
  /** The number of tokens in the measurement window. */
  readonly tokens: number;
  readonly tokensPerSecond: number;
  readonly rejections: { readonly count: number; readonly latency: Distribution };
  readonly statuses: Readonly<Record<string, number>>;
  readonly wrong: { readonly count: number; readonly reasons: Readonly<Record<string, number>> };
  /** The number of requests that the generator cancelled at the end. They count as neither correct nor wrong. */
  readonly unfinished: number;
  /** The number of responses of each process, by pid. */
  readonly responsesByProcess: Readonly<Record<string, number>>;
  /** CPU time of the watched processes in the measurement window. Null without watched processes. */
  readonly cpuSeconds: number | null;
  /** Load of the generator process in the measurement window, as shares of one CPU, and the delay of its event loop. */
  readonly generator: { readonly cpuShare: number; readonly eventLoopUtilization: number; readonly delayP99Ms: number };
}
