import { createParser } from 'eventsource-parser';

/** A server-sent event with its data as text. */
export interface RawEvent {
  event: string | undefined;
  data: string;
  id: string | undefined;
}

/** Yields server-sent events as they arrive. This module imports no schemas, so that a small worker can use it. */
export async function* readRawEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<RawEvent> {
  const decoder = new TextDecoder();
  const ready: RawEvent[] = [];
  const parser = createParser({ onEvent: ({ event, data, id }) => void ready.push({ event, data, id }) });
  for await (const chunk of body) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* ready.splice(0);
  }
}

/** Iterates over the body of a fetch response, because not every browser can. Leaving the loop cancels the body. */
export async function* streamChunks(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
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
