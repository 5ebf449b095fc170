import { type ChatRequest, estimateUsage, type Usage } from '@prodigon/contracts';
import type { ContentEvent, ProviderEvent } from '@prodigon/ports';

/** Keeps count of an answer while it passes: why it ended, what was used, when it began. */
export class AnswerTally {
  readonly #request: ChatRequest;
  readonly #startedAt: number;
  #reported: Usage | undefined;
  #characters = 0;
  #firstContentAt: number | undefined;
  finish: string | null = null;

  /** `startedAt` on the clock of `performance.now()`: when the caller began to wait. */
  constructor(request: ChatRequest, startedAt: number) {
    this.#request = request;
    this.#startedAt = startedAt;
  }

  /** Notes what a batch brings. Returns whether any of it is content. */
  take(batch: readonly ProviderEvent[]): boolean {
    let hasContent = false;
    for (const event of batch) {
      if (event.type === 'finish') this.finish = event.reason;
      else if (event.type === 'usage') this.#reported = event.usage;
      else if (isContent(event)) {
        hasContent = true;
        this.#characters += event.type === 'tool_call' ? event.argumentsDelta.length : event.text.length;
      }
    }
    if (hasContent) this.#firstContentAt ??= performance.now();
    return hasContent;
  }

  get usage(): { usage: Usage; estimated: boolean } {
    if (this.#reported) return { usage: this.#reported, estimated: false };
    return { usage: estimateUsage(this.#request, this.#characters), estimated: true };
  }

  get timings(): { ttftMs: number | null; totalMs: number } {
    const ttftMs = this.#firstContentAt === undefined ? null : this.#firstContentAt - this.#startedAt;
    return { ttftMs, totalMs: performance.now() - this.#startedAt };
  }
}

export function isContent(event: ProviderEvent): event is ContentEvent {
  return event.type === 'text' || event.type === 'reasoning' || event.type === 'tool_call';
}
