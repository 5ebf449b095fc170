import { type RawEvent, readRawEvents, streamChunks } from '@prodigon/api-client/raw-events';
import { UnauthenticatedError } from './event-hub.ts';

/** Three heartbeats of the gateway. */
const IDLE_TIMEOUT_MS = 45_000;

/** Opens the event connection. A connection without a byte for 45 seconds counts as lost. */
export async function openEventStream(
  topics: readonly string[],
  apiKey: string | undefined,
  signal: AbortSignal,
): Promise<AsyncIterable<RawEvent>> {
  const idle = new AbortController();
  let timer = setTimeout(() => idle.abort(), IDLE_TIMEOUT_MS);
  async function* watch(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of bytes) {
        clearTimeout(timer);
        timer = setTimeout(() => idle.abort(), IDLE_TIMEOUT_MS);
        yield chunk;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  try {
    const response = await fetch(`/api/v1/events?topics=${topics.join()}`, {
      headers: { accept: 'text/event-stream', ...(apiKey && { authorization: `Bearer ${apiKey}` }) },
      signal: AbortSignal.any([signal, idle.signal]),
    });
    if (response.status === 401) throw new UnauthenticatedError();
    if (!response.ok || !response.body) throw new Error(`The gateway returned status ${response.status}.`);
    return readRawEvents(watch(streamChunks(response.body)));
  } catch (thrown) {
    clearTimeout(timer);
    throw thrown;
  }
}
