import type { ServerResponse } from 'node:http';
import type { Gate } from './gate.ts';

export interface FaultRequest {
  /** `/v1/chat/completions` or `/v1/embeddings`. */
  readonly path: string;
  readonly body: Record<string, unknown>;
  readonly stream: boolean;
  readonly response: ServerResponse;
  /** The words that a healthy answer would have. */
  readonly words: readonly string[];
  readonly prompt: string;
  /** How often this model was asked this prompt before. */
  readonly timesAsked: number;
  readonly gate: Gate;
  readonly health: 'up' | 'down';
}

export interface Fault {
  readonly description: string;
  /** What the platform has to answer when it was asked for one piece; streams fail alike until their first content. */
  readonly expected: { status: number; code?: string; retryAfter?: string } | 'timeout';
  /** How many of its words a stream has before it fails. Absent: it fails before any, or does not fail. */
  readonly wordsBefore?: number;
  readonly answer: (request: FaultRequest) => unknown;
}

/** What the platform answers for a provider that is broken. */
export const BROKEN = { status: 502, code: 'INFERENCE_ERROR' } as const;
