import { type Cell, type Correction, ROUNDING_MS, type Taken } from '../limits/gcra.ts';
import { RATE_BATCH_SCRIPT } from './rate-scripts.ts';
import type { RedisScript } from './redis-script.ts';

export interface RateBatchOptions {
  /** Start of every key. */
  readonly prefix: string;
  /** Maximum number of demands and corrections. */
  readonly sizeMax: number;
}

/** Decisions and corrections that Redis makes in one step. */
export interface RateBatch {
  isFull(): boolean;
  /** Takes the demands of one request, and sets the times of their buckets. Rejects when `send` fails. */
  take(cells: readonly Cell[]): Promise<Omit<Taken, 'cells'>>;
  /** Resolves when Redis knows the correction. Without it, what a request has taken stays taken. Never rejects. */
  correct(bucket: string, correction: Correction): Promise<void>;
  send(run: (script: RedisScript, keys: readonly string[], values: (string | number)[]) => Promise<unknown>): Promise<void>;
}

interface PendingTake {
  readonly cells: readonly Cell[];
  readonly resolve: (taken: Omit<Taken, 'cells'>) => void;
  readonly reject: (thrown: unknown) => void;
}

export function createRateBatch({ prefix, sizeMax }: RateBatchOptions): RateBatch {
  /** Indexes of buckets in the script. */
  const indexes = new Map<string, number>();
  const keys: string[] = [];
  const takes: PendingTake[] = [];
  const sent = Promise.withResolvers<void>();
  let size = 0;
  let corrections = '';
  let demands = '';

  function indexOf(bucket: string): number {
    size += 1;
    const known = indexes.get(bucket);
    if (known !== undefined) return known;
    const index = keys.push(`${prefix}${bucket}`);
    indexes.set(bucket, index);
    return index;
  }

  function deliver(reply: string): void {
    const numbers = reply.split(' ');
    let position = 0;
    const next = () => Number(numbers[position++]);
    const nowMs = next();
    for (const { cells, resolve } of takes) {
      const refusedIndex = next();
      const retryAfterMs = next();
      for (const cell of cells) cell.untilMs = next();
      resolve({ nowMs, refusedIndex, retryAfterMs });
    }
  }

  return {
    isFull: () => size >= sizeMax,
    take(cells) {
      demands += `${cells.length} `;
      for (const { bucket, costMs } of cells) demands += `${indexOf(bucket)} ${costMs} `;
      return new Promise((resolve, reject) => takes.push({ cells, resolve, reject }));
    },
    correct(bucket, { changeMs, takenUntilMs }) {
      corrections += `${indexOf(bucket)} ${changeMs} ${takenUntilMs} `;
      return sent.promise;
    },
    async send(run) {
      try {
        deliver(String(await run(RATE_BATCH_SCRIPT, keys, [ROUNDING_MS, corrections, demands])));
      } catch (thrown) {
        for (const { reject } of takes) reject(thrown);
      }
      sent.resolve();
    },
  };
}
