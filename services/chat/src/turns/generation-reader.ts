import { AppError, sleep } from '@prodigon/contracts';
import type { Generation } from '@prodigon/contracts/conversations';
import type { SseEnd, SseWriter } from '@prodigon/platform';
import type { CallContext, GenerationHolder, GenerationHolderClient, GenerationStore, StoredGeneration } from '@prodigon/ports';
import { endFrames, type GenerationStart, startFrame } from './generation-frames.ts';
import type { GenerationRunner } from './generation-runner.ts';
import { createStoredText } from './response-text.ts';

export interface GenerationReaderOptions {
  readonly store: Pick<GenerationStore, 'get'>;
  readonly runner: Pick<GenerationRunner, 'find'>;
  readonly holder: GenerationHolder;
  readonly holders: GenerationHolderClient;
  /** Milliseconds between two reads of a generation whose holder does not respond. */
  readonly pollMs?: number | undefined;
}

/** A generation that a client reads, wherever it runs. */
export interface GenerationSource {
  /** Writes the response after a position, or all of it. Resolves with the last frames. */
  writeTo(sse: Pick<SseWriter, 'write'>, after: number | undefined, context: CallContext): Promise<SseEnd>;
}

export interface GenerationReader {
  /** Throws `NOT_FOUND`, and `NOT_RESUMABLE` for a generation that was deleted. */
  open(generationId: string, context: CallContext): Promise<GenerationSource>;
  get(generationId: string, context: CallContext): Promise<Generation>;
  /** Stops a generation that runs. Resolves when its end is stored. */
  cancel(generationId: string, context: CallContext): Promise<Generation>;
}

const POLL_MS = 500;

/** Reads generations of this process from memory, those of others from their process, and those that have ended from the database. */
export function createGenerationReader(options: GenerationReaderOptions): GenerationReader {
  const { store, runner, holder, holders, pollMs = POLL_MS } = options;

  /** Returns undefined while the database does not respond. */
  async function read(generationId: string, { principal }: CallContext): Promise<StoredGeneration | undefined> {
    return store.get(principal.id, generationId).catch((thrown: unknown) => {
      if (AppError.from(thrown).code !== 'SERVICE_UNAVAILABLE') throw thrown;
      return undefined;
    });
  }

  /** Waits until the generation has ended, at the latest when the lease of its process expires. */
  async function waitForEnd(generationId: string, context: CallContext): Promise<StoredGeneration> {
    for (;;) {
      const stored = await read(generationId, context);
      if (stored?.end) return stored;
      await sleep(pollMs, context.signal);
    }
  }

  /** Writes what the holder sends. Returns the position that it has reached, and whether it has sent the end. */
  async function relay(
    holderUrl: string,
    { id, after }: { id: string; after: number | undefined },
    sse: Pick<SseWriter, 'write'>,
    context: CallContext,
  ): Promise<{ after: number | undefined; isEnded: boolean }> {
    let position = after;
    try {
      for await (const frames of await holders.stream(holderUrl, { id, after }, context)) {
        position = lastPosition(frames, id) ?? position;
        const drained = sse.write(frames);
        if (drained) await drained;
      }
      return { after: position, isEnded: true };
    } catch {
      if (context.signal.aborted) throw context.signal.reason;
      return { after: position, isEnded: false };
    }
  }

  /** Writes the text that is stored after a position. Returns the position that it reaches. */
  async function writeStored(
    stored: StoredGeneration,
    sse: Pick<SseWriter, 'write'>,
    after: number | undefined,
  ): Promise<{ length: number; position: number }> {
    const start = startOf(stored);
    const text = createStoredText(start.generationId, stored.parts);
    if (after === undefined) await sse.write(startFrame(start));
    let cursor = text.cursorAt(after ?? 0);
    for (let event = text.frameAt(cursor); event; event = text.frameAt(cursor)) {
      cursor = event.next;
      await sse.write(event.frame);
    }
    return { length: text.length, position: Math.max(after ?? 0, text.length) };
  }

  /** Writes the text as it is stored, until the end. */
  async function follow(
    first: StoredGeneration,
    sse: Pick<SseWriter, 'write'>,
    { after, context }: { after: number | undefined; context: CallContext },
  ): Promise<SseEnd> {
    let stored: StoredGeneration | undefined = first;
    let reached = after;
    for (;;) {
      if (stored) {
        const { length, position } = await writeStored(stored, sse, reached);
        if (stored.end) return { frame: endFrames(startOf(stored), stored.end, { length, after: after ?? 0 }) };
        reached = position;
      }
      await sleep(pollMs, context.signal);
      stored = await read(first.generation.id, context);
    }
  }

  return {
    async open(generationId, { principal }) {
      const running = runner.find(principal.id, generationId);
      if (running) return { writeTo: (sse, after, { signal }) => running.read(sse, after, signal) };
      const stored = await store.get(principal.id, generationId);
      return {
        async writeTo(sse, after, context) {
          if (stored.end) return follow(stored, sse, { after, context });
          let reached = { after, isEnded: false };
          const { holderUrl } = stored;
          if (holderUrl !== null && holderUrl !== holder.url)
            reached = await relay(holderUrl, { id: generationId, after }, sse, context);
          if (reached.isEnded) return {};
          const latest = (await read(generationId, context)) ?? stored;
          return follow(latest, sse, { after: reached.after, context });
        },
      };
    },
    get: async (generationId, { principal }) => (await store.get(principal.id, generationId)).generation,
    async cancel(generationId, context) {
      const ownerId = context.principal.id;
      const running = runner.find(ownerId, generationId);
      if (running) {
        running.stop(new AppError('CANCELLED'));
        await running.ended;
        return (await store.get(ownerId, generationId)).generation;
      }
      const stored = await store.get(ownerId, generationId);
      const { holderUrl, end } = stored;
      if (end) return stored.generation;
      // The process may have ended, or the response has just ended in it.
      if (holderUrl !== null && holderUrl !== holder.url) await holders.cancel(holderUrl, generationId, context).catch(() => {});
      return (await waitForEnd(generationId, context)).generation;
    },
  };
}

function startOf({ generation, ...stored }: StoredGeneration): GenerationStart {
  const { conversation, userMessageId, isContinuation, messagePosition, requestId } = stored;
  return {
    generationId: generation.id,
    messageId: generation.message_id,
    model: generation.model ?? '',
    conversation,
    userMessageId,
    isContinuation,
    messagePosition,
    requestId,
    omittedMessages: null,
  };
}

/** Returns the position of the last event with an id; undefined without one. */
function lastPosition(frames: Uint8Array, generationId: string): number | undefined {
  const bytes = Buffer.from(frames.buffer, frames.byteOffset, frames.byteLength);
  const prefix = `id: ${generationId}:`;
  const at = bytes.lastIndexOf(prefix);
  if (at < 0) return undefined;
  const end = bytes.indexOf('\n', at);
  return Number(bytes.toString('latin1', at + prefix.length, end));
}
