/** Milliseconds, to three significant digits; null when there was nothing to measure. */
export type Distribution = {
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
} | null;

/** What a load has brought about in its window: all of it for calls, what is after the ramp for streams. */
export interface LoadResult {
  readonly elapsedMs: number;
  /** Complete and right; refusals are not among them. */
  readonly answers: number;
  readonly answersPerSecond: number;
  /** From the intended time of sending to the last byte of a right answer. */
  readonly latency: Distribution;
  /** Of streams, in the ramp too: from the intended time to the first token. */
  readonly firstToken: Distribution;
  /** Between two reads of a stream that brought tokens. */
  readonly gaps: Distribution;
  /** In the window. */
  readonly tokens: number;
  readonly tokensPerSecond: number;
  readonly refusals: { readonly count: number; readonly latency: Distribution };
  readonly statuses: Readonly<Record<string, number>>;
  readonly wrong: { readonly count: number; readonly reasons: Readonly<Record<string, number>> };
  /** Cut off by us when the time was over; neither right nor wrong. */
  readonly unfinished: number;
  /** How many answers each process gave, by the pid in its header. */
  readonly answersByProcess: Readonly<Record<string, number>>;
  /** Of the watched processes in the window; null when none was watched. */
  readonly cpuSeconds: number | null;
  /** The generator itself in the window, as shares of one CPU. */
  readonly generator: { readonly cpuShare: number; readonly eventLoopUtilisation: number };
}
