/** The result that every variant returns and stores for each item. */
export const COMPLETION = {
  text: 'An answer of about the length that a short completion has: long enough to be a row, short enough not to be a file. '.repeat(
    2,
  ),
  finish: 'stop',
  model: 'none',
  usage: { prompt_tokens: 40, completion_tokens: 50, total_tokens: 90 },
  costUsd: 0.0000123,
} as const;

/** Returns a distinct payload of 200 bytes for each item. */
export function payloadOf(index: number): string {
  return `Prompt ${index}: ${'what would a reader like to know about queues that survive a crash? '.repeat(3)}`.slice(0, 200);
}

export interface QueueVariantOptions {
  /** The URL of the database or Redis server. */
  readonly url: string;
  /** Maximum items in flight. */
  readonly concurrency: number;
}

/** A queue under measurement: one round is `fill`, `run`, `stored` and `clear`. */
export interface QueueVariant {
  /** Enqueues `count` items before the worker starts. */
  fill(count: number): Promise<void>;
  /** Starts a worker. Resolves when all items are recorded; `stop` then ends the worker. */
  run(count: number): Promise<{ stop(): Promise<void> }>;
  /** Returns the number of items that the store contains as completed with the full result. */
  stored(): Promise<number>;
  /** Removes the round's items. */
  clear(): Promise<void>;
  close(): Promise<void>;
}
