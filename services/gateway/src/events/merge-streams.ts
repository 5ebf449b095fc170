/**
 * Yields the chunks of several streams as they arrive. Reads each stream only as fast as the caller reads, and throws the
 * first error of a stream. `onClose` runs at the end and must end the streams that are still open.
 */
export async function* mergeStreams<Chunk>(streams: readonly AsyncIterable<Chunk>[], onClose: () => void): AsyncGenerator<Chunk> {
  const ready: { chunk: Chunk; read: () => void }[] = [];
  let open = streams.length;
  let isClosed = false;
  let failure: { error: unknown } | undefined;
  let wake = () => {};

  async function pump(stream: AsyncIterable<Chunk>): Promise<void> {
    try {
      for await (const chunk of stream) {
        if (isClosed) return;
        await new Promise<void>((read) => {
          ready.push({ chunk, read });
          wake();
        });
        if (isClosed) return;
      }
    } catch (error) {
      failure ??= { error };
    } finally {
      open -= 1;
      wake();
    }
  }

  for (const stream of streams) void pump(stream);
  try {
    for (;;) {
      const next = ready.shift();
      if (next) {
        yield next.chunk;
        next.read();
      } else if (failure) throw failure.error;
      else if (open === 0) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    isClosed = true;
    onClose();
    for (const { read } of ready) read();
  }
}
