import type { ApiClient } from '@prodigon/api-client';
import { AppError } from '@prodigon/contracts';
import { CONVERSATION_LIMITS } from '@prodigon/contracts/conversations';
import type { CompletionRequest } from '../../command.ts';
import { findId } from '../../find-id.ts';
import { connect } from '../../gateway-connection.ts';

/** What `--continue` takes for an id. It has a digit, so that a prompt of one word is not an id. */
export const ID_ARGUMENT = /^(?=.*\d)[0-9a-f-]{6,36}$/i;

const COMPLETED_MAX = 20;
const COMPLETION_TIMEOUT_MS = 2_000;

/**
 * Returns the id of the conversation that `text` names by the whole, the start or the end of its id, or of the latest one
 * for an empty text.
 */
export async function findConversationId(client: ApiClient, text: string, signal?: AbortSignal): Promise<string> {
  if (text === '') {
    const [latest] = (await client.conversations.list({ limit: 1 }, signal)).conversations;
    if (latest) return latest.id;
    throw new AppError('CONVERSATION_NOT_FOUND', 'There is no conversation yet.');
  }
  return findId(text, {
    noun: 'conversation',
    newestMax: CONVERSATION_LIMITS.pageMax,
    newestIds: async () => {
      const query = { limit: CONVERSATION_LIMITS.pageMax, archived: 'all' } as const;
      return (await client.conversations.list(query, signal)).conversations.map(({ id }) => id);
    },
    notFound: (message) => new AppError('CONVERSATION_NOT_FOUND', message),
  });
}

/** Completes the id after `--continue`, latest first. */
export async function completeConversationId({ option, context }: CompletionRequest): Promise<readonly string[]> {
  if (option !== 'continue') return [];
  try {
    const { client } = connect(context, undefined);
    const query = { limit: COMPLETED_MAX };
    const { conversations } = await client.conversations.list(query, AbortSignal.timeout(COMPLETION_TIMEOUT_MS));
    return conversations.map(({ id }) => id);
  } catch {
    return [];
  }
}
