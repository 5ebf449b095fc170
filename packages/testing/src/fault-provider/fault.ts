import type { ServerResponse } from 'node:http';
import type { Gate } from './gate.ts';

export interface FaultRequest {
  /** `/v1/chat/completions` or `/v1/embeddings`. */
  readonly path: string;
  readonly body: Record<string, unknown>;
  readonly stream: boolean;
  readonly response: ServerResponse;
  /** Tokens of a healthy response. */
  readonly words: readonly string[];
  readonly prompt: string;
  /** Number of earlier calls of this model with this prompt. */
  readonly earlierCalls: number;
  readonly gate: Gate;
  readonly health: 'up' | 'down';
}

export interface Fault {
  readonly description: string;
  /** Response of the platform to a unary request. A streamed one fails alike until its first content. */
  readonly expected: { status: number; code?: string; retryAfter?: string } | 'timeout';
  /** Number of words in a stream before the failure. Undefined when it fails before the first one, or never. */
  readonly wordsBefore?: number;
  readonly respond: (request: FaultRequest) => unknown;
}

/** Response of the platform to an invalid provider response. */
export const BROKEN = { status: 502, code: 'INFERENCE_ERROR' } as const;
