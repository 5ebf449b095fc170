import { type StreamEvent, streamEventSchemas } from '@prodigon/contracts';
import { readSseEvents } from './sse-reader.ts';

/** The events of a streamed answer (`X-Stream-Version: 2`). Throws what `readTypedEvents` throws. */
export const readStreamEvents = (body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamEvent> =>
  readSseEvents(streamEventSchemas, body);
