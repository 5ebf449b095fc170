/** What is asked, over HTTP/1.1, each time anew. */
export interface Call {
  readonly url: string;
  /** POST when there is a body, else GET. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whether the answer is an event stream. */
  readonly isStream?: boolean;
}

/** What makes an answer right. One that is not makes the whole figure void. */
export interface AnswerCheck {
  /** The statuses of right answers; 200 unless given. */
  readonly statuses?: readonly number[];
  /** The statuses that say no and are right as well, e.g. 503 under overload. None unless given. */
  readonly refusals?: readonly number[];
  /** Bytes of the body. */
  readonly length?: number;
  /** What the body holds somewhere. */
  readonly text?: string;
  /** Of each stream that was read to its end. */
  readonly tokens?: number;
  /** Who may answer, by the header that `withProbe` makes a process send. */
  readonly processes?: { readonly runId: string; readonly pids: readonly number[] };
}

/** What to look for in the lines of an event stream, so that they need not be parsed. */
export interface StreamMarks {
  /** Begins the text of each token; followed by a quote, it is empty and counts for none. */
  readonly token: string;
  /** Ends the stream. */
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
  readonly check: AnswerCheck;
  readonly marks: StreamMarks;
  /** Processes whose CPU time in the window is part of the result. */
  readonly watch: readonly number[];
  readonly answerWithinMs: number;
  readonly schedule: Schedule;
}
