/** What every variant gives back and stores for each item. */
export const ANSWER = {
  text: 'An answer of about the length that a short completion has: long enough to be a row, short enough not to be a file. '.repeat(
    2,
  ),
  finish: 'stop',
  model: 'none',
  usage: { prompt_tokens: 40, completion_tokens: 50, total_tokens: 90 },
  costUsd: 0.0000123,
} as const;

/** About 200 bytes, each item another one. */
export function payloadOf(index: number): string {
  return `Prompt ${index}: ${'what would a reader like to know about queues that survive a crash? '.repeat(3)}`.slice(0, 200);
}

export interface QueueVariantOptions {
  /** Of the server that it works on. */
  readonly url: string;
  /** The most items in flight. */
  readonly concurrency: number;
}

/** A queue under measurement: one round is `fill`, `run`, `stored` and `clear`. */
export interface QueueVariant {
  /** Puts in `count` items for a worker that does not run yet. */
  fill(count: number): Promise<void>;
  /** Starts a worker and resolves when it knows that all items are recorded; then `stop` ends the worker. */
  run(count: number): Promise<{ stop(): Promise<void> }>;
  /** How many items the store itself holds as completed with the whole answer. */
  stored(): Promise<number>;
  /** Removes the round's items. */
  clear(): Promise<void>;
  close(): Promise<void>;
}
