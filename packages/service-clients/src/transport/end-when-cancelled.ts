import type { CallContext } from '@prodigon/ports';

/** Ends the events of another service when the call is cancelled, as events in one process do. */
export async function* endWhenCancelled(frames: AsyncIterable<Uint8Array>, { signal }: CallContext): AsyncGenerator<Uint8Array> {
  try {
    yield* frames;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
