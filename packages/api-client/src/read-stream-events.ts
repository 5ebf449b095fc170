import { type StreamEvent, type StreamEventName, streamEventSchemas } from '@prodigon/contracts';
import { createParser } from 'eventsource-parser';

/**
 * Reads a typed event stream (`X-Stream-Version: 2`) as it arrives. Events that this version does not
 * know are passed over, so an older client keeps working. Throws what the body throws, and a
 * `ZodError` or `SyntaxError` for a known event with data that does not fit.
 */
export async function* readStreamEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamEvent> {
  const decoder = new TextDecoder();
  const ready: StreamEvent[] = [];
  const parser = createParser({
    onEvent({ event, data, id }) {
      if (!event || !(event in streamEventSchemas)) return;
      const name = event as StreamEventName;
      ready.push({ event: name, data: streamEventSchemas[name].parse(JSON.parse(data)), id } as StreamEvent);
    },
  });
  for await (const chunk of body) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* ready.splice(0);
  }
}

/** A fetch body as an async iterable, which not every browser makes of it; leaving the loop cancels it. */
export async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
