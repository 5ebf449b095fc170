import type { GenerationDelta, GenerationHolder, GenerationStore } from '@prodigon/ports';
import type { RunningGeneration } from './running-generation.ts';

export interface DeltaWriterOptions {
  readonly store: Pick<GenerationStore, 'write'>;
  readonly holder: GenerationHolder;
  /** Called for a generation that another process has ended, because this one could not renew its lease. */
  readonly onLost: (generation: RunningGeneration) => void;
  readonly onFailure: (thrown: unknown) => void;
  readonly intervalMs?: number | undefined;
}

export interface DeltaWriter {
  /** Stores the text of a generation until the returned function is called. */
  add(generation: RunningGeneration): () => void;
  /** Stores what has arrived since the last write. Resolves without an error in any case. */
  write(): Promise<void>;
}

/** Far below the lease, so that several writes may fail. */
const INTERVAL_MS = 1_000;

/** Stores the text of all running generations once a second, in one statement that also renews the lease of this process. */
export function createDeltaWriter({
  store,
  holder,
  onLost,
  onFailure,
  intervalMs = INTERVAL_MS,
}: DeltaWriterOptions): DeltaWriter {
  const positions = new Map<RunningGeneration, number>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;

  async function writeAll(): Promise<void> {
    const deltas: GenerationDelta[] = [];
    const written = new Map<RunningGeneration, number>();
    for (const [generation, position] of positions) {
      const { length } = generation.text;
      if (length === position) continue;
      deltas.push({ generationId: generation.id, position, parts: generation.text.partsFrom(position) });
      written.set(generation, length);
    }
    try {
      const lost = new Set(await store.write(holder, deltas));
      for (const [generation, length] of written) if (positions.has(generation)) positions.set(generation, length);
      for (const generation of positions.keys()) if (lost.has(generation.id)) onLost(generation);
    } catch (thrown) {
      // The next write contains the same text.
      onFailure(thrown);
    }
  }

  function write(): Promise<void> {
    writing ??= writeAll().finally(() => {
      writing = undefined;
    });
    return writing;
  }

  return {
    add(generation) {
      positions.set(generation, 0);
      timer ??= setInterval(() => void write(), intervalMs);
      return () => {
        positions.delete(generation);
        if (positions.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
    write,
  };
}
