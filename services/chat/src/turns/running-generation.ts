import type { SseWriter } from '@prodigon/platform';
import { endFrames, type GenerationResult, type GenerationStart, startFrame } from './generation-frames.ts';
import { createResponseText, type ResponseText } from './response-text.ts';

/** A response that this process receives, with its readers. It does not depend on any of them. */
export interface RunningGeneration {
  readonly id: string;
  readonly ownerId: string;
  readonly start: GenerationStart;
  readonly text: ResponseText;
  /** Resolves after the end has been stored, or could not be. */
  readonly ended: Promise<void>;
  readonly stopSignal: AbortSignal;
  /** Frames of the models that failed before one responded. */
  fallbacks: string;
  stop(reason: Error): void;
  /** Shows readers the text that has arrived. */
  commit(): void;
  wakeReaders(): void;
  /** Ends the streams of all readers. */
  end(result: GenerationResult): void;
  /**
   * Writes the response to one reader, at its pace: all of it, or what follows a position. Resolves with the last frames at
   * its end, or without any when `closed` aborts.
   */
  read(sse: Pick<SseWriter, 'write'>, after: number | undefined, closed: AbortSignal): Promise<{ frame: string }>;
}

export function createRunningGeneration(ownerId: string, start: GenerationStart): RunningGeneration {
  const text = createResponseText(start.generationId);
  const stopping = new AbortController();
  const readers = new Set<() => void>();
  const { promise: ended, resolve: onEnded } = Promise.withResolvers<void>();
  let result: GenerationResult | undefined;

  function wakeReaders(): void {
    for (const wake of readers) wake();
  }

  const generation: RunningGeneration = {
    id: start.generationId,
    ownerId,
    start,
    text,
    ended,
    stopSignal: stopping.signal,
    fallbacks: '',
    stop: (reason) => stopping.abort(reason),
    commit() {
      if (text.commit()) wakeReaders();
    },
    wakeReaders,
    end(finalResult) {
      result = finalResult;
      onEnded();
      wakeReaders();
    },
    read(sse, after, closed) {
      const { promise, resolve } = Promise.withResolvers<{ frame: string }>();
      let cursor = text.cursorAt(after ?? 0);
      let isWaiting = false;
      let isFinished = false;
      let head = after === undefined ? startFrame(start) : '';
      let hasFallbacks = (after ?? 0) > 0;

      const finish = (frame: string) => {
        isFinished = true;
        readers.delete(wake);
        closed.removeEventListener('abort', onClosed);
        resolve({ frame });
      };
      const onClosed = () => finish('');
      const nextFrame = (): string | undefined => {
        let frame = head;
        head = '';
        if (!hasFallbacks && (generation.fallbacks !== '' || text.length > 0)) {
          hasFallbacks = true;
          frame += generation.fallbacks;
        }
        const event = text.frameAt(cursor);
        if (event) cursor = event.next;
        return event ? frame + event.frame : frame || undefined;
      };
      const wake = (): void => {
        while (!isWaiting && !isFinished) {
          const frame = nextFrame();
          if (frame === undefined) break;
          const drained = sse.write(frame);
          if (!drained) continue;
          isWaiting = true;
          void drained.then(() => {
            isWaiting = false;
            wake();
          });
        }
        if (result && !isWaiting && !isFinished) finish(endFrames(start, result, { length: text.length, after: after ?? 0 }));
      };

      readers.add(wake);
      closed.addEventListener('abort', onClosed, { once: true });
      if (closed.aborted) onClosed();
      else wake();
      return promise;
    },
  };
  return generation;
}
