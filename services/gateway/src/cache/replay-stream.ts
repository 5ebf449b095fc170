import { AppError } from '@prodigon/contracts';
import { splitAtFrameBoundary } from '@prodigon/platform';
import {
  abortReason,
  type CallContext,
  type ContentEvent,
  type GenerationOutcome,
  type ModelStream,
  type StreamOptions,
} from '@prodigon/ports';
import type { StoredResponse } from './stored-response.ts';

/** A client that reads slowly holds up no more than this in its socket. */
const BYTES_PER_CHUNK = 16 << 10;
const DATA_FIELD = 'data: ';

/** Encodes a content event as the frame of the format `content`. */
export function contentFrame(event: ContentEvent): Buffer {
  return Buffer.from(`${DATA_FIELD}${JSON.stringify(event)}\n\n`);
}

/** Streams a stored response again, with the id of the new generation in its frames. It costs nothing. */
export function replayStream(
  stored: StoredResponse,
  { generationId }: StreamOptions,
  { context, warning }: { context: CallContext; warning: string | null },
): ModelStream {
  const { provider, model, finish, usage, estimated, sequence } = stored;
  const startedAt = performance.now();
  const { promise: outcome, resolve } = Promise.withResolvers<GenerationOutcome>();
  let ttftMs: number | null = null;

  function end(error?: AppError): void {
    const status = error === undefined ? 'completed' : error.code === 'CANCELLED' ? 'cancelled' : 'failed';
    const timings = { ttftMs, totalMs: performance.now() - startedAt };
    const reason = error === undefined ? finish : null;
    resolve({ status, finish: reason, usage, estimated, costUsd: 0, timings, sequence, error });
  }

  async function* bytes(): AsyncGenerator<Uint8Array> {
    let error: AppError | undefined = new AppError('CANCELLED');
    try {
      for await (const frames of splitAtFrameBoundary(chunksOf(stored.body))) {
        if (context.signal.aborted) throw abortReason(context.signal);
        ttftMs ??= performance.now() - startedAt;
        yield replaceId(frames, stored.generationId, generationId);
      }
      error = undefined;
    } catch (thrown) {
      error = AppError.from(thrown);
      throw error;
    } finally {
      end(error);
    }
  }

  return {
    ...{ provider, model, attempts: [], warning, rateLimits: null, cache: 'hit' },
    outcome,
    bytes,
    async *events() {
      for await (const frames of bytes()) {
        for (const frame of Buffer.from(frames).toString().split('\n\n'))
          if (frame !== '') yield JSON.parse(frame.slice(DATA_FIELD.length)) as ContentEvent;
      }
    },
  };
}

async function* chunksOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += BYTES_PER_CHUNK) yield bytes.subarray(start, start + BYTES_PER_CHUNK);
}

/** Returns the frames with the other id. Generation ids have equal lengths, and frames of providers keep theirs. */
function replaceId(frames: Uint8Array, from: string, to: string): Uint8Array {
  const copy = Buffer.from(frames);
  for (let at = copy.indexOf(from); at >= 0; at = copy.indexOf(from, at + to.length)) copy.write(to, at);
  return copy;
}
