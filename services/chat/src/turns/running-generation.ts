import type { SseWriter } from '@prodigon/platform';
import { endFrames, type GenerationResult, type GenerationStart, startFrame } from './generation-frames.ts';
import { ResponseText } from './response-text.ts';

/** A response that this process receives, with its readers. It does not depend on any of them. */
export class RunningGeneration {
  readonly ownerId: string;
  readonly start: GenerationStart;
  readonly text: ResponseText;
  /** Resolves after the end has been stored, or could not be. */
  readonly ended: Promise<void>;
  readonly stopSignal: AbortSignal;
  /** Frames of the models that failed before one responded. */
  fallbacks = '';
  #result: GenerationResult | undefined;
  readonly #stop = new AbortController();
  readonly #readers = new Set<() => void>();
  readonly #onEnded: () => void;

  constructor(ownerId: string, start: GenerationStart) {
    this.ownerId = ownerId;
    this.start = start;
    this.text = new ResponseText(start.generationId);
    this.stopSignal = this.#stop.signal;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#onEnded = resolve;
  }

  get id(): string {
    return this.start.generationId;
  }

  get isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  stop(reason: Error): void {
    this.#stop.abort(reason);
  }

  /** Shows readers the text that has arrived. */
  commit(): void {
    if (this.text.commit()) this.wakeReaders();
  }

  wakeReaders(): void {
    for (const wake of this.#readers) wake();
  }

  /** Ends the streams of all readers. */
  end(result: GenerationResult): void {
    this.#result = result;
    this.#onEnded();
    this.wakeReaders();
  }

  /**
   * Writes the response to one reader, at its pace: all of it, or what follows a position. Resolves with the last frames at
   * its end, or without any when `closed` aborts.
   */
  read(sse: Pick<SseWriter, 'write'>, after: number | undefined, closed: AbortSignal): Promise<{ frame: string }> {
    const { promise, resolve } = Promise.withResolvers<{ frame: string }>();
    let cursor = this.text.cursorAt(after ?? 0);
    let isWaiting = false;
    let isFinished = false;
    let head = after === undefined ? startFrame(this.start) : '';
    let hasFallbacks = (after ?? 0) > 0;

    const finish = (frame: string) => {
      isFinished = true;
      this.#readers.delete(wake);
      closed.removeEventListener('abort', onClosed);
      resolve({ frame });
    };
    const onClosed = () => finish('');
    const nextFrame = (): string | undefined => {
      let frame = head;
      head = '';
      if (!hasFallbacks && (this.fallbacks !== '' || this.text.length > 0)) {
        hasFallbacks = true;
        frame += this.fallbacks;
      }
      const event = this.text.frameAt(cursor);
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
      const result = this.#result;
      if (result && !isWaiting && !isFinished)
        finish(endFrames(this.start, result, { length: this.text.length, after: after ?? 0 }));
    };

    this.#readers.add(wake);
    closed.addEventListener('abort', onClosed, { once: true });
    if (closed.aborted) onClosed();
    else wake();
    return promise;
  }
}
