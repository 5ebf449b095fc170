import { AppError, type ChatRequest, estimateUsage, maxOutputTokens, type ReportedUsage, type Usage } from '@prodigon/contracts';
import { nextTurn } from '@prodigon/platform';
import { abortReason, type ModelProvider, type ProviderEvent } from '@prodigon/ports';
import { type Clock, systemClock } from '../clock.ts';
import { embeddingsUnsupportedError } from '../embeddings-unsupported-error.ts';
import { createSimulatedText } from './simulated-text.ts';
import { parseSimulatorParameters } from './simulator-parameters.ts';

export const SIMULATOR_MODEL = 'prodigon-sim';
const BATCH_TOKENS_MAX = 256;

/**
 * Creates a simulated model for tests, load tests and lessons: seeded words at a configured pace, with the faults that a
 * provider's events can have. Faults of the network connection belong to the fault provider.
 */
export function createSimulatorProvider({ clock = systemClock }: { clock?: Clock } = {}): ModelProvider {
  const provider: ModelProvider = {
    name: 'offline',
    offline: true,
    models: async () => [
      {
        id: SIMULATOR_MODEL,
        description: 'Simulated words at a configured pace, for tests and load',
      },
    ],

    async complete(request, context) {
      const texts: string[] = [];
      let finish: string | undefined;
      let usage: ReportedUsage | null = null;
      for await (const batch of provider.stream(request, context)) {
        // One text for each batch: the end of a response would have to join a million short ones in one turn.
        texts.push(batch.map((event) => (event.type === 'text' ? event.text : '')).join(''));
        for (const event of batch) {
          if (event.type === 'finish') finish = event.reason;
          else if (event.type === 'usage') usage = event.usage;
        }
      }
      if (finish === undefined) throw new AppError('INFERENCE_ERROR', 'The model provider ended its response early.');
      await nextTurn();
      return { text: texts.join(''), finish, usage };
    },

    async *stream(request, { signal }): AsyncGenerator<readonly ProviderEvent[]> {
      const parameters = parseSimulatorParameters(request.model);
      const { fault, after, ttft_ms, tokens_per_s } = parameters;
      if (fault === 'rate_limit') {
        throw new AppError('RATE_LIMITED', 'The model provider is at its rate limit. Try again later.', {
          retryAfterSeconds: parameters.retry_after,
        });
      }
      if (fault === 'hang') await untilAborted(signal);
      await clock.sleep(fault === 'slow_first_token' ? ttft_ms * 50 : ttft_ms, signal);

      const total = Math.min(parameters.tokens, maxOutputTokens(request) ?? Number.POSITIVE_INFINITY);
      const nextWord = createSimulatedText(parameters.seed);
      const startedAt = clock.now();
      let sinceTurn = 0;
      for (let sent = 0; sent < total; ) {
        if (signal.aborted) throw abortReason(signal);
        if (sent >= after && fault === 'stall') await untilAborted(signal);
        if (sent >= after && fault === 'error_after')
          throw new AppError('INFERENCE_ERROR', 'The model provider failed in the middle of its response.');
        // A batch contains every token that is due, so that a high rate does not need a timer for each token.
        const due = Math.floor(((clock.now() - startedAt) / 1_000) * tokens_per_s) + 1;
        const until = Math.min(
          total,
          due,
          sent + BATCH_TOKENS_MAX,
          fault === 'stall' || fault === 'error_after' ? Math.max(after, sent + 1) : total,
        );
        if (until <= sent) {
          await clock.sleep(Math.max(1, startedAt + (sent * 1_000) / tokens_per_s - clock.now()), signal);
          continue;
        }
        const batch: ProviderEvent[] = [];
        for (; sent < until; sent++) batch.push({ type: 'text', text: nextWord() });
        yield batch;
        // At a high rate the next batch is always due, so that this loop would never wait.
        sinceTurn += batch.length;
        if (sinceTurn < BATCH_TOKENS_MAX) continue;
        sinceTurn = 0;
        await nextTurn();
      }
      if (fault === 'no_finish') return;
      yield [
        { type: 'finish', reason: total < parameters.tokens ? 'length' : 'stop' },
        { type: 'usage', usage: usageOf(request, fault === 'wrong_usage' ? total * 1_000 : total) },
      ];
    },

    embed: async () => {
      throw embeddingsUnsupportedError(SIMULATOR_MODEL);
    },
  };
  return provider;
}

/** A token of the simulator is a word, so the completion is counted exactly. */
function usageOf(request: ChatRequest, completion_tokens: number): Usage {
  const { prompt_tokens } = estimateUsage(request, 0);
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) return reject(abortReason(signal));
    signal.addEventListener('abort', () => reject(abortReason(signal)), { once: true });
  });
}
