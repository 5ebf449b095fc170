import { CHARACTERS_PER_TOKEN } from '@prodigon/contracts';
import type { ConversationView } from '../state/conversation-view.ts';

export interface ContextUsage {
  tokens: number;
  isEstimated: boolean;
}

/** The tokens that the next request takes: those of the latest response and its request, and an estimate of what follows them. */
export function contextUsage({ conversation, messages, hasEarlier }: ConversationView): ContextUsage {
  const index = messages.findLastIndex(({ usage }) => usage !== null);
  const measured = messages[index];
  const following = messages.slice(index + 1).reduce((sum, { content }) => sum + content.length, 0);
  const systemPrompt = index === -1 ? (conversation.system_prompt?.length ?? 0) : 0;
  const tokens = (measured?.usage?.total_tokens ?? 0) + Math.ceil((following + systemPrompt) / CHARACTERS_PER_TOKEN);
  const isEstimated = measured === undefined || measured.estimated || following > 0 || (index === -1 && hasEarlier);
  return { tokens, isEstimated };
}
