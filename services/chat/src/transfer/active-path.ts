import type { ExportedConversation } from '@prodigon/contracts/conversations';

export type ExportedMessage = ExportedConversation['messages'][number];

/** Returns the messages of the active path, oldest first. */
export function activePathOf({ conversation, messages }: ExportedConversation): ExportedMessage[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const path: ExportedMessage[] = [];
  // The size bounds the walk, even if the parents form a circle.
  for (let id = conversation.active_message_id; id !== null && path.length < byId.size; ) {
    const message = byId.get(id);
    if (!message) break;
    path.push(message);
    id = message.parent_id;
  }
  return path.reverse();
}
