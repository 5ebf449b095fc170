/** The HTTP/1.1 request that the load sends repeatedly. */
export interface Call {
  readonly url: string;
  /** Defaults to POST with a body, otherwise to GET. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whether the response is an event stream. */
  readonly isStream?: boolean;
}

/** The properties of a correct response. One wrong response invalidates the measurement. */
export interface ResponseCheck {
  /** Statuses of successful responses. Defaults to 200. */
  readonly statuses?: readonly number[];
  /** Statuses of expected rejections, e.g. 503 under overload. Defaults to none. */
  readonly rejections?: readonly number[];
  /** The length of the body in bytes. */
  readonly length?: number;
  /** Text that the body contains. */
  readonly text?: string;
  /** The number of tokens in each complete stream. */
  readonly tokens?: number;
  /** The processes under test. `withProbe` makes each one identify itself in a response header. */
  readonly processes?:
    | { readonly runId: string; readonly pids: readonly number[]; readonly configurationHash?: string }
    | undefined;
}

/** Text that marks tokens and the end of an event stream, so that the generator need not parse it. */
export interface StreamMarks {
  /** Precedes the text of each token. A mark followed by a quote is an empty delta, which does not count. */
  readonly token: string;
  /** Marks the end of the stream. */
  readonly end: string;
}

export const OPENAI_STREAM: StreamMarks = { token: '"content":"', end: 'data: [DONE]' };

export type Schedule =
  | { readonly type: 'closed'; readonly connections: number; readonly durationMs: number }
  | { readonly type: 'open'; readonly ratePerSecond: number; readonly connections: number; readonly durationMs: number }
  | {
      readonly type: 'streams';
      readonly streams: number;
      readonly rampMs: number;
      readonly settleMs: number;
      /** How many times each stream is opened; null when streams end after `durationMs` or on request. */
      readonly times: number | null;
      readonly durationMs: number | null;
    };

/** The complete input of the load generator. */
export interface LoadPlan {
  readonly call: Call;
  readonly check: ResponseCheck;
  readonly marks: StreamMarks;
  /** Processes whose CPU time in the window is part of the result. */
  readonly watch: readonly number[];
  readonly responseTimeoutMs: number;
  readonly schedule: Schedule;
}
