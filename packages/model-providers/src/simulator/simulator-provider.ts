import { AppError, type ChatRequest, estimateUsage, SIMULATOR_MODEL_ID, type Usage, wrongKindError } from '@prodigon/contracts';
import { nextTurn } from '@prodigon/platform';
import { abortReason, type ModelProvider, type ProviderEvent, type ProviderModel, type ProviderRequest } from '@prodigon/ports';
import { type Clock, systemClock } from '../clock.ts';
import { assertServable, forcedTools } from '../offline-request.ts';
import { createSimulatedChoices } from './simulated-choices.ts';
import { type ChoiceToken, createChoiceFormatter } from './simulated-chunks.ts';
import { parseSimulatorParameters } from './simulator-parameters.ts';

export const SIMULATOR_MODEL = {
  id: SIMULATOR_MODEL_ID,
  kind: 'chat',
  description: 'Simulated words at a configured pace, for tests and load',
} as const satisfies ProviderModel;
const BATCH_TOKENS_MAX = 256;

/** The end of a simulated response. */
interface SimulatedEnd {
  /** The finish reason of each choice; null with the fault `no_finish`. */
  readonly finishes: readonly string[] | null;
  readonly usage: Usage;
}

/**
 * Creates a simulated model for tests, load tests and lessons: seeded words at a configured pace, with the faults that a
 * provider's events can have. It calls a function or writes JSON where the request demands it, with values that satisfy the
 * schema. Faults of the network connection belong to the fault provider.
 */
export function createSimulatorProvider({ clock = systemClock }: { clock?: Clock } = {}): ModelProvider {
  /** Yields batches of tokens at the pace of the request, a token of each choice at a time. */
  async function* generate(request: ProviderRequest, signal: AbortSignal): AsyncGenerator<ChoiceToken[], SimulatedEnd> {
    const parameters = parseSimulatorParameters(request.model);
    const { fault, after, ttft_ms, tokens_per_s } = parameters;
    assertServable(request, SIMULATOR_MODEL.id, { isProgrammable: true });
    const choices = createSimulatedChoices(request, parameters, String(parameters.seed)).map((tokens, choice) => {
      return { choice, tokens, next: tokens.next() };
    });
    if (fault === 'rate_limit') {
      throw new AppError('RATE_LIMITED', 'The model provider is at its rate limit. Try again later.', {
        retryAfterSeconds: parameters.retry_after,
      });
    }
    if (fault === 'hang') await untilAborted(signal);
    await clock.sleep(fault === 'slow_first_token' ? ttft_ms * 50 : ttft_ms, signal);

    const startedAt = clock.now();
    const hasTurningPoint = fault === 'stall' || fault === 'error_after';
    let open = choices.filter(({ next }) => !next.done);
    let completionTokens = 0;
    let sinceTurn = 0;
    for (let sent = 0; open.length > 0; ) {
      if (signal.aborted) throw abortReason(signal);
      if (sent >= after && fault === 'stall') await untilAborted(signal);
      if (sent >= after && fault === 'error_after')
        throw new AppError('INFERENCE_ERROR', 'The model provider failed in the middle of its response.');
      // A batch contains every token that is due, so that a high rate does not need a timer for each token.
      const due = Math.floor(((clock.now() - startedAt) / 1_000) * tokens_per_s) + 1;
      const stepsMax = Math.ceil(BATCH_TOKENS_MAX / open.length);
      const until = Math.min(due, sent + stepsMax, hasTurningPoint ? Math.max(after, sent + 1) : Number.POSITIVE_INFINITY);
      if (until <= sent) {
        await clock.sleep(Math.max(1, startedAt + (sent * 1_000) / tokens_per_s - clock.now()), signal);
        continue;
      }
      const batch: ChoiceToken[] = [];
      for (; sent < until && open.length > 0; sent++) {
        let hasEnded = false;
        for (const each of open) {
          if (each.next.done) continue;
          batch.push({ choice: each.choice, event: each.next.value });
          each.next = each.tokens.next();
          hasEnded ||= each.next.done === true;
        }
        if (hasEnded) open = open.filter(({ next }) => !next.done);
      }
      completionTokens += batch.length;
      yield batch;
      // At a high rate the next batch is always due, so that this loop would never wait.
      sinceTurn += batch.length;
      if (sinceTurn < BATCH_TOKENS_MAX) continue;
      sinceTurn = 0;
      await nextTurn();
    }
    const finishes = choices.map(({ next }) => (next.done ? next.value : 'stop'));
    return {
      finishes: fault === 'no_finish' ? null : finishes,
      usage: usageOf(request, fault === 'wrong_usage' ? completionTokens * 1_000 : completionTokens),
    };
  }

  return {
    name: 'offline',
    offline: true,
    // A person who tries a fault must see the fault again, not a rejected call.
    opensBreaker: (model) => parseSimulatorParameters(model).circuit_breaker === 'true',
    models: async () => [SIMULATOR_MODEL],

    async complete(request, { signal }) {
      const generated = generate(request, signal);
      const isPlain = !needsChunks(request) && forcedTools(request) === undefined;
      const texts: string[] = [];
      const tokens: ChoiceToken[] = [];
      let next = await generated.next();
      for (; !next.done; next = await generated.next()) {
        // One text for each batch: the end of a response would have to join a million short ones in one turn.
        texts.push(next.value.map(({ choice, event }) => (choice === 0 && event.type === 'text' ? event.text : '')).join(''));
        if (!isPlain) tokens.push(...next.value);
      }
      const { finishes, usage } = next.value;
      const [finish] = finishes ?? [];
      if (!finishes || finish === undefined)
        throw new AppError('INFERENCE_ERROR', 'The model provider ended its response early.');
      await nextTurn();
      const common = { text: texts.join(''), finish, usage };
      return isPlain ? common : { ...common, body: createChoiceFormatter(request).completion(tokens, finishes, usage) };
    },

    async *stream(request, { signal }): AsyncGenerator<readonly ProviderEvent[]> {
      const generated = generate(request, signal);
      const formatter = needsChunks(request) ? createChoiceFormatter(request) : undefined;
      const opening = Array.from({ length: formatter ? (request.n ?? 1) : 0 }, (_, choice) => formatter?.role(choice));
      let opened = opening.flatMap((chunk): ProviderEvent[] => (chunk ? [{ type: 'chunk', chunk }] : []));
      let next = await generated.next();
      for (; !next.done; next = await generated.next()) {
        const events = next.value.flatMap((token): ProviderEvent | ProviderEvent[] => {
          if (!formatter) return token.event;
          const own = token.choice === 0 ? [formatter.event(token)] : [];
          return [{ type: 'chunk', chunk: formatter.token(token) }, ...own];
        });
        yield opened.length > 0 ? [...opened, ...events] : events;
        opened = [];
      }
      const { finishes, usage } = next.value;
      if (!finishes) return;
      const chunks = finishes.flatMap((reason, choice): ProviderEvent[] =>
        formatter ? [{ type: 'chunk', chunk: formatter.finish(choice, reason) }] : [],
      );
      yield [...opened, ...chunks, { type: 'finish', reason: finishes[0] ?? 'stop' }, { type: 'usage', usage }];
    },

    embed: async () => {
      throw wrongKindError(SIMULATOR_MODEL.id, SIMULATOR_MODEL.kind);
    },
  };
}

/** Returns whether events, which represent one choice without log probabilities, cannot represent the response. */
function needsChunks({ n, logprobs }: ChatRequest): boolean {
  return (n ?? 1) > 1 || logprobs === true;
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
