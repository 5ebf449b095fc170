import { hash, randomUUIDv7 } from 'node:crypto';
import { AppError, CHARACTERS_PER_TOKEN } from '@prodigon/contracts';
import type { CreateTurn } from '@prodigon/contracts/conversations';
import type {
  CallContext,
  ConversationStore,
  GenerationEnd,
  GenerationHolder,
  GenerationStore,
  StartedGeneration,
} from '@prodigon/ports';
import { createTurnRequest, type ReadAttachments, type TurnModel } from './conversation-history.ts';
import type { GenerationRunner } from './generation-runner.ts';
import type { RunningGeneration } from './running-generation.ts';

/** Finds the model of a turn. Throws `UNKNOWN_MODEL`, `FORBIDDEN` or `SERVICE_UNAVAILABLE`. */
export interface TurnModels {
  resolve(model: string | null | undefined, context: CallContext): Promise<TurnModel>;
}

/** A turn whose response is stored. */
export interface FinishedTurn {
  readonly started: StartedGeneration;
  readonly end: GenerationEnd;
  readonly context: CallContext;
}

export interface TurnServiceOptions {
  readonly conversations: Pick<ConversationStore, 'get'>;
  readonly generations: Pick<GenerationStore, 'start'>;
  readonly holder: GenerationHolder;
  readonly models: TurnModels;
  readonly runner: Pick<GenerationRunner, 'run'>;
  readonly readAttachments: ReadAttachments;
  /** Called after each turn. */
  readonly onFinished?: ((turn: FinishedTurn) => void) | undefined;
}

export interface TurnInput {
  readonly conversationId: string;
  readonly turn: CreateTurn;
  readonly idempotencyKey: string | undefined;
}

export interface StartedTurn {
  readonly generationId: string;
  /** Undefined when an earlier request with the same idempotency key has started it. */
  readonly generation: RunningGeneration | undefined;
  readonly warning: string | null;
}

/** Reserved for the output of a turn without a maximum. */
const OUTPUT_TOKENS_DEFAULT = 1_000;

/** Estimates the tokens of a turn, before its history is known. The real usage replaces the estimate. */
export function estimateTurnTokens({ content = '', max_tokens = OUTPUT_TOKENS_DEFAULT }: CreateTurn): number {
  return Math.ceil(content.length / CHARACTERS_PER_TOKEN) + max_tokens;
}

export function createTurnService(options: TurnServiceOptions) {
  const { conversations, generations, holder, models, runner, readAttachments, onFinished } = options;

  async function resolveModel({ conversationId, turn }: TurnInput, context: CallContext): Promise<TurnModel> {
    if (turn.model !== undefined) return models.resolve(turn.model, context);
    const { model } = await conversations.get(context.principal.id, conversationId, { limit: 1 });
    return models.resolve(model, context);
  }

  return {
    /** Stores the question and starts the response. `onEnd` is called when the response has ended, or does not start. */
    async start(input: TurnInput, context: CallContext, onEnd: () => void): Promise<StartedTurn> {
      const { conversationId, turn, idempotencyKey } = input;
      const { id: ownerId, keyId } = context.principal;
      let isRunning = false;
      try {
        const model = await resolveModel(input, context);
        const started = await generations.start(holder, {
          generationId: randomUUIDv7(),
          ownerId,
          keyId,
          conversationId,
          requestId: context.requestId,
          model: model.id,
          turn,
          ...(idempotencyKey !== undefined && {
            idempotency: { key: idempotencyKey, fingerprint: fingerprintOf(conversationId, turn) },
          }),
        });
        const { generationId, isReplay } = started;
        if (isReplay) return { generationId, generation: undefined, warning: null };
        const request = await createTurnRequest({ ownerId, turn, started, model, readAttachments }).catch((thrown: unknown) => ({
          chat: AppError.from(thrown),
          omittedMessages: 0,
        }));
        const { conversation, userMessageId, messageId, isContinuation, messagePosition } = started;
        const generation = runner.run({
          ownerId,
          start: {
            generationId,
            messageId,
            userMessageId,
            conversation,
            isContinuation,
            messagePosition,
            requestId: context.requestId,
            model: model.id,
            omittedMessages: request.omittedMessages,
          },
          request: request.chat,
          context,
          onEnd,
          onStored: (end) => onFinished?.({ started, end, context }),
        });
        isRunning = true;
        return { generationId, generation, warning: model.warning };
      } finally {
        if (!isRunning) onEnd();
      }
    },
  };
}
export type TurnService = ReturnType<typeof createTurnService>;

/** The parts of a turn in a fixed order, so that equal requests have equal fingerprints. */
function fingerprintOf(conversationId: string, turn: CreateTurn): string {
  const { content, parent_id, attachment_ids, regenerate, continue: continued, model, max_tokens, temperature } = turn;
  const parts = [conversationId, content, parent_id, attachment_ids, regenerate, continued, model, max_tokens, temperature];
  // JSON writes undefined in a list as null, but a null parent is another one than the default.
  return hash('sha256', JSON.stringify(parts.map((part) => (part === undefined ? [] : part))), 'hex');
}
