import {
  AppError,
  CHARACTERS_PER_TOKEN,
  type ContentEntry,
  cutText,
  estimateUsage,
  maxOutputTokens,
  TUTOR_MODEL_ID,
  wrongKindError,
} from '@prodigon/contracts';
import { nextTurn } from '@prodigon/platform';
import {
  abortReason,
  type CallContext,
  type ContentStore,
  type ModelProvider,
  type ProviderModel,
  type ProviderRequest,
} from '@prodigon/ports';
import { type Clock, systemClock } from '../clock.ts';
import { assertServable, findStop, stopSequences } from '../offline-request.ts';
import { kindOfMessage } from './language/message-kind.ts';
import { composeGreeting, composeQuotes, composeRefusal } from './response/compose-response.ts';
import { withLinkBase } from './response/link-base.ts';
import { paceText } from './response/pace-text.ts';
import { createContentIndex } from './retrieval/content-index.ts';
import { NOTHING_FOUND } from './retrieval/find-passages.ts';
import type { PassageIndex } from './retrieval/passage-index.ts';
import { newestQuestion, searchConversation } from './retrieval/search-conversation.ts';

export const TUTOR_MODEL = {
  id: TUTOR_MODEL_ID,
  kind: 'chat',
  description: "Quotes this repository's own pages. No AI, no key, no network.",
} as const satisfies ProviderModel;

interface TutorProviderOptions {
  readonly content: ContentStore;
  readonly clock?: Clock;
}

export interface TutorProvider extends ModelProvider {
  /** Indexes the pages, in slices, so that the first question does not wait for it. Never rejects: a question reports the error. */
  warmUp(): Promise<void>;
}

/**
 * Creates an offline model that searches the repository's pages for the question. It responds with quoted and linked
 * passages, or says that it found nothing and suggests a few pages. It returns greetings, respects `max_tokens` and `stop`,
 * ignores the system prompt, and refuses requests for anything but text. Usage is estimated by length.
 */
export function createTutorProvider({ content, clock = systemClock }: TutorProviderOptions): TutorProvider {
  const indexed = createContentIndex({ content, now: () => clock.now() });

  async function respond(request: ProviderRequest, { signal, linkBase }: CallContext) {
    assertServable(request, TUTOR_MODEL.id, { isProgrammable: false });
    const { index, pages } = await unlessAborted(indexed(), signal);
    await nextTurn();
    const response = withLinkBase(responseTo(request.messages, index, pages), linkBase);
    const stopAt = findStop(response, stopSequences(request));
    const complete = stopAt < 0 ? response : response.slice(0, stopAt);
    const text = truncateToTokens(complete, maxOutputTokens(request));
    const finish = text.length < complete.length ? 'length' : 'stop';
    return { text, finish, usage: estimateUsage(request, text.length) };
  }

  return {
    name: 'offline',
    offline: true,
    warmUp: () =>
      indexed().then(
        () => {},
        () => {},
      ),
    models: async () => [TUTOR_MODEL],
    complete: respond,
    async *stream(request, context) {
      const { text, finish, usage } = await respond(request, context);
      for await (const pieces of paceText(text, clock, context.signal)) {
        yield pieces.map((piece) => ({ type: 'text' as const, text: piece }));
      }
      yield [
        { type: 'finish', reason: finish },
        { type: 'usage', usage },
      ];
    },
    embed: async () => {
      throw wrongKindError(TUTOR_MODEL.id, TUTOR_MODEL.kind);
    },
  };
}

function responseTo(messages: ProviderRequest['messages'], index: PassageIndex, pages: readonly ContentEntry[]): string {
  const kind = kindOfMessage(newestQuestion(messages));
  if (kind === 'greeting') return composeGreeting('Hello!', pages);
  if (kind === 'thanks') return composeGreeting('You are welcome!', pages);
  const { passages, nearestPages } = kind === 'task' ? NOTHING_FOUND : searchConversation(messages, index);
  return passages.length > 0 ? composeQuotes(passages) : composeRefusal(pages, nearestPages);
}

function truncateToTokens(text: string, tokensMax: number | undefined): string {
  if (tokensMax === undefined || text.length <= tokensMax * CHARACTERS_PER_TOKEN) return text;
  return cutText(text, tokensMax * CHARACTERS_PER_TOKEN, '');
}

/** Rejects when the client disconnects. The work continues, because other requests share its result. */
async function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  if (signal.aborted) {
    work.catch(() => {});
    throw abortReason(signal);
  }
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(abortReason(signal));
    signal.addEventListener('abort', onAbort, { once: true });
  });
  const result = work.catch((thrown: unknown) => {
    throw AppError.from(thrown);
  });
  return Promise.race([result, aborted]).finally(() => signal.removeEventListener('abort', onAbort));
}
