import { AppError } from '@prodigon/contracts';
import { EXPORT_VERSION, exportedConversationSchema } from '@prodigon/contracts/conversations';
import type { JsonRecord } from '../json-values.ts';
import { convertInTurns, type SourceConversation } from '../source-conversation.ts';

/** Reads a conversation of Prodigon's own export. */
export async function readProdigonConversation(value: JsonRecord): Promise<SourceConversation> {
  const version = value.prodigon_conversation;
  if (typeof version === 'number' && version > EXPORT_VERSION)
    throw new AppError('VALIDATION_ERROR', 'A later version of Prodigon has exported the conversation.');
  const parsed = exportedConversationSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const message = `The conversation does not match the format of the export${issue ? ` at ${issue.path.join('.')}` : ''}.`;
    throw new AppError('VALIDATION_ERROR', message);
  }
  const { conversation, messages } = parsed.data;
  return {
    format: 'prodigon',
    id: conversation.id,
    title: conversation.title,
    systemPrompt: conversation.system_prompt ?? undefined,
    model: conversation.model ?? undefined,
    isArchived: conversation.archived,
    isPinned: conversation.pinned,
    tags: conversation.tags,
    createdAt: conversation.created_at,
    updatedAt: conversation.updated_at,
    nodes: await convertInTurns(messages, (message) => ({
      id: message.id,
      parentId: message.parent_id,
      message: {
        role: message.role,
        // The ids of a file give no access to attachments.
        parts: message.parts.map((part) => (part.type === 'attachment' ? { ...part, attachment_id: null } : part)),
        status: message.status === 'streaming' ? 'interrupted' : message.status,
        model: message.model,
        provider: message.provider,
        usage: message.usage,
        cost_usd: message.cost_usd,
        created_at: message.created_at,
        completed_at: message.completed_at,
        meta: message.meta,
      },
    })),
    activeId: conversation.active_message_id,
  };
}
