import { type ChatRequest, estimateUsage, type Usage } from '@prodigon/contracts';
import type { ContentEvent, ProviderEvent } from '@prodigon/ports';

/** Keeps count of an answer while it passes: why it ended, what was used, when it began. */
export class AnswerTally {
  readonly #request: ChatRequest;
  readonly #startedAt = performance.now();
  #reported: Usage | undefined;
  #characters = 0;
  #firstContentAt: number | undefined;
  finish: string | null = null;

  constructor(request: ChatRequest) {
    this.#request = request;
  }

  /** The content of a batch; the rest is noted. */
  take(batch: readonly ProviderEvent[]): ContentEvent[] {
    const content: ContentEvent[] = [];
    for (const event of batch) {
      if (event.type === 'finish') this.finish = event.reason;
      else if (event.type === 'usage') this.#reported = event.usage;
      else {
        content.push(event);
        this.#characters += event.type === 'tool_call' ? event.argumentsDelta.length : event.text.length;
      }
    }
    if (content.length > 0) this.#firstContentAt ??= performance.now();
    return content;
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
