import { AppError, CHARACTERS_PER_TOKEN, estimateUsage, maxOutputTokens } from '@prodigon/contracts';
import { abortReason, type CallContext, type ContentStore, type ModelProvider, type ProviderRequest } from '@prodigon/ports';
import { noEmbeddings } from '../no-embeddings.ts';
import { composeAnswer } from './response/compose-response.ts';
import { type Clock, paceText, systemClock } from './response/pace-text.ts';
import { createContentIndex } from './retrieval/content-index.ts';
import { searchConversation } from './retrieval/search-conversation.ts';

const MODEL = {
  id: 'prodigon-tutor',
  description: "Quotes this repository's own pages. No AI, no key, no network.",
};

export interface TutorProviderOptions {
  readonly content: ContentStore;
  readonly clock?: Clock;
}

/**
 * A model that needs no vendor: it looks up the question in the repository's pages and answers with the
 * passages, quoted and linked, or says that it found nothing. Takes `max_tokens`; has no use for the other
 * parameters or the system prompt. Usage is estimated by length.
 */
export function createTutorProvider({ content, clock = systemClock }: TutorProviderOptions): ModelProvider {
  const indexed = createContentIndex({ content, now: () => clock.now() });

  async function answer(request: ProviderRequest, { signal }: CallContext) {
    const { index, pages } = await unlessAborted(indexed(), signal);
    const whole = composeAnswer(searchConversation(request.messages, index).passages, pages);
    const text = cutToTokens(whole, maxOutputTokens(request));
    const finish = text.length < whole.length ? 'length' : 'stop';
    return { text, finish, usage: estimateUsage(request, text.length) };
  }

  return {
    name: 'offline',
    offline: true,
    models: async () => [MODEL],
    complete: answer,
    async *stream(request, context) {
      const { text, finish, usage } = await answer(request, context);
      for await (const pieces of paceText(text, clock, context.signal)) {
        yield pieces.map((piece) => ({ type: 'text' as const, text: piece }));
      }
      yield [
        { type: 'finish', reason: finish },
        { type: 'usage', usage },
      ];
    },
    embed: async () => {
      throw noEmbeddings(MODEL.id);
    },
  };
}

function cutToTokens(text: string, tokensMax: number | undefined): string {
  if (tokensMax === undefined || text.length <= tokensMax * CHARACTERS_PER_TOKEN) return text;
  const cut = text.slice(0, tokensMax * CHARACTERS_PER_TOKEN);
  // Half of a surrogate pair is no character.
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

/** The index is shared, so it is built on for the others when one caller leaves. */
async function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  if (signal.aborted) {
    work.catch(() => {});
    throw abortReason(signal);
  }
  let leave = () => {};
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(abortReason(signal));
    signal.addEventListener('abort', leave, { once: true });
  });
  const safely = work.catch((thrown: unknown) => {
    throw AppError.from(thrown);
  });
  return Promise.race([safely, left]).finally(() => signal.removeEventListener('abort', leave));
}
