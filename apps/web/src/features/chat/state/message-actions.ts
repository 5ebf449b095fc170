import { AppError } from '@prodigon/contracts';
import type { ConversationMessage } from '@prodigon/contracts/conversations';
import { conversationsApi } from '../../../api/conversations-api.ts';
import { showActionFailure } from './action-failure.ts';
import type { ChatResponse } from './chat-response.ts';
import { cachedView, changeView, refreshLists, refreshView, updateConversation } from './conversation-queries.ts';
import { turns } from './turns.ts';

/** Shows another version of a message, with what follows it. */
export async function selectBranch(conversationId: string, messageId: string): Promise<void> {
  try {
    turns.discard(conversationId);
    await updateConversation(conversationId, { active_message_id: messageId });
    await refreshView(conversationId);
  } catch (thrown) {
    showActionFailure('Could not switch the version', thrown);
  }
}

/** Replaces the text of a question. Returns why it failed, or null. */
export async function saveQuestion(conversationId: string, messageId: string, content: string): Promise<string | null> {
  try {
    const saved = await conversationsApi.updateMessage(conversationId, messageId, content);
    changeView(conversationId, (view) => ({
      ...view,
      messages: view.messages.map((message) => (message.id === messageId ? saved : message)),
    }));
    return null;
  } catch (thrown) {
    return AppError.from(thrown).message;
  }
}

/** Asks an edited question as another version of it, with the same attachments. */
export function rerunQuestion(conversationId: string, message: ConversationMessage, content: string): void {
  const attachments = message.parts.flatMap((part) =>
    part.type === 'attachment' && part.attachment_id !== null
      ? [{ id: part.attachment_id, name: part.name, kind: 'text' as const, media_type: part.media_type, bytes: part.bytes ?? 0 }]
      : [],
  );
  turns.start(conversationId, {
    attachments,
    request: {
      content,
      parent_id: message.parent_id,
      ...(attachments.length > 0 && { attachment_ids: attachments.map(({ id }) => id) }),
    },
  });
}

/** Adds another response to the same question. Undefined for the model of the conversation. */
export function regenerate(conversationId: string, messageId: string, replaced: ChatResponse, model?: string): void {
  turns.start(conversationId, { replaced, request: { regenerate: messageId, ...(model !== undefined && { model }) } });
}

/** Appends to a response that ended early. */
export function continueResponse(conversationId: string, messageId: string, response: ChatResponse): void {
  turns.start(conversationId, { replaced: response, request: { continue: messageId } });
}

/** Deletes a message with all that follows it. */
export async function deleteMessage(conversationId: string, messageId: string): Promise<void> {
  try {
    await conversationsApi.removeMessage(conversationId, messageId);
    const view = cachedView(conversationId);
    const index = view?.messages.findIndex(({ id }) => id === messageId) ?? -1;
    if (index !== -1) changeView(conversationId, (before) => ({ ...before, messages: before.messages.slice(0, index) }));
    refreshLists();
    await refreshView(conversationId);
  } catch (thrown) {
    showActionFailure('Could not delete the question', thrown);
  }
}
