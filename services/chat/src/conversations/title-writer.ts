import { AppError, cutText } from '@prodigon/contracts';
import { type Conversation, cutAtWord } from '@prodigon/contracts/conversations';
import type { Lifecycle, Logger } from '@prodigon/platform';
import type { CallContext, ConversationStore, ModelClient } from '@prodigon/ports';
import type { ModelResolver } from '../gateway-functions.ts';

export interface TitleWriterDependencies {
  store: Pick<ConversationStore, 'suggestTitle'>;
  model: Pick<ModelClient, 'complete'>;
  catalog: ModelResolver;
  lifecycle: Pick<Lifecycle, 'draining'>;
  logger: Logger;
  /** The setting CHAT_TITLES. */
  isEnabled: boolean;
}

export interface FirstTurn {
  /** The conversation when its first turn started. */
  conversation: Conversation;
  question: string;
  response: string;
  /** Model that responded. */
  model: string;
  /** The context of the turn: its owner is charged. */
  context: CallContext;
}

export interface TitleWriter {
  /**
   * Asks the model for a title after the first response of a conversation whose title comes from its question. Returns
   * immediately; the call runs in the background, at most once, and its failure has no effect. Offline models write no titles.
   */
  afterTurn(turn: FirstTurn): void;
  /** Resolves when all calls have ended. */
  idle(): Promise<void>;
}

const TIMEOUT_MS = 30_000;
/** Includes the reasoning of models that reason. */
const TOKENS_MAX = 400;
const EXCERPT_CHARACTERS_MAX = 2_000;
/** Further conversations keep the title of their question while so many calls run. */
const CONCURRENT_MAX = 8;
const INSTRUCTION =
  'Write a title for this conversation, of at most six words, in the language of the question. Reply with the title only, without quotes and punctuation marks at the end.';

export function createTitleWriter(dependencies: TitleWriterDependencies): TitleWriter {
  const { store, model: client, catalog, lifecycle, logger, isEnabled } = dependencies;
  const running = new Set<Promise<void>>();

  async function writeTitle({ conversation, question, response, model, context: turn }: FirstTurn): Promise<void> {
    const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), lifecycle.draining]);
    const context = { ...turn, signal, deadline: performance.now() + TIMEOUT_MS, attemptsMax: 1, linkBase: undefined };
    const { isOffline, model: resolved } = await catalog.resolve(model, context);
    if (isOffline) return;
    const excerpts = `Question:\n${cutText(question, EXCERPT_CHARACTERS_MAX)}\n\nResponse:\n${cutText(response, EXCERPT_CHARACTERS_MAX)}`;
    const messages = [
      { role: 'system' as const, content: INSTRUCTION },
      { role: 'user' as const, content: excerpts },
    ];
    const completion = await client.complete({ model: resolved, messages, max_tokens: TOKENS_MAX }, context);
    const title = cleanTitle(completion.text);
    if (title !== '') await store.suggestTitle(context.principal.id, conversation.id, title, 'model');
  }

  return {
    afterTurn(turn) {
      const { conversation, response } = turn;
      const isWanted = isEnabled && conversation.title_source === 'question' && response.trim() !== '';
      if (!isWanted || running.size >= CONCURRENT_MAX) return;
      const call = writeTitle(turn)
        .catch((thrown: unknown) => {
          logger.debug({ code: AppError.from(thrown).code, conversation_id: conversation.id }, 'No title by the model');
        })
        .finally(() => running.delete(call));
      running.add(call);
    },
    async idle() {
      await Promise.all(running);
    },
  };
}

const QUOTES = /^["'`*_#«»„“”‘’「」『』<>\s]+|["'`*_«»„“”‘’「」『』<>\s.]+$/gu;

/** Returns the first line of a response as a title: without quotes, marks and labels, at most 80 characters. */
export function cleanTitle(text: string): string {
  const [line = ''] = text.trim().split(/[\n\r\u2028\u2029]+/u);
  const withoutLabel = line.replace(QUOTES, '').replace(/^(?:title|titel|titre|título)\s*:\s*/iu, '');
  const title = withoutLabel.replace(QUOTES, '').replace(/[\s\p{Cc}]+/gu, ' ');
  return /[\p{L}\p{N}]/u.test(title) ? cutAtWord(title.toWellFormed()) : '';
}
