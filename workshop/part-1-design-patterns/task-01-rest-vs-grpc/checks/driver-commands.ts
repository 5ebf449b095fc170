import type { InferenceRequest, InferenceResponse } from '../starter/inference-port.ts';

export interface CallInput {
  readonly request: InferenceRequest;
  readonly timeoutMs?: number;
  /** Passes the signal that the command `abort` aborts. */
  readonly isAbortable?: boolean;
}

export interface StreamInput extends CallInput {
  /** Leaves the loop after this part. */
  readonly leaveAfter?: number;
  /** Stops reading after this part, until the command `resume`. */
  readonly pauseAfter?: number;
}

export interface ThrownError {
  readonly isAppError: boolean;
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly isRetryable: boolean;
  readonly retryAfterSeconds: number | null;
}

export type CallOutcome =
  | { readonly status: 'returned'; readonly response: InferenceResponse }
  | { readonly status: 'threw'; readonly error: ThrownError };

export type StreamOutcome =
  | { readonly status: 'returned' | 'left'; readonly parts: readonly string[] }
  | { readonly status: 'threw'; readonly parts: readonly string[]; readonly error: ThrownError };
