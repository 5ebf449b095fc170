import type { StreamDecision, StreamDemand, StreamLimiter } from '@prodigon/ports';
import { shareOf } from './gcra.ts';

export interface MemoryStreamLimiter extends StreamLimiter {
  acquire(demands: readonly StreamDemand[]): StreamDecision;
  /** Counts a stream that another limiter has admitted. Returns a function that ends it. */
  add(demands: readonly StreamDemand[]): () => void;
}

/** Creates a limiter for the streams of this process. `share` returns the share of every limit that it enforces. */
export function createMemoryStreamLimiter({ share = () => 1 }: { readonly share?: () => number } = {}): MemoryStreamLimiter {
  const streams = new Map<string, number>();

  function change(demands: readonly StreamDemand[], difference: number): void {
    for (const { bucket } of demands) {
      const count = (streams.get(bucket) ?? 0) + difference;
      if (count > 0) streams.set(bucket, count);
      else streams.delete(bucket);
    }
  }

  function add(demands: readonly StreamDemand[]): () => void {
    let isOpen = true;
    change(demands, 1);
    return () => {
      if (isOpen) change(demands, -1);
      isOpen = false;
    };
  }

  return {
    add,
    acquire(demands) {
      const maxima = demands.map(({ max }) => shareOf(max, share()));
      const index = demands.findIndex(({ bucket }, position) => (streams.get(bucket) ?? 0) >= (maxima[position] ?? 0));
      if (index >= 0) return { isAdmitted: false, index, max: maxima[index] ?? 0 };
      return { isAdmitted: true, release: add(demands) };
    },
  };
}
