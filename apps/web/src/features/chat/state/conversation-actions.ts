import type { ExportFormat, UpdateConversation } from '@prodigon/contracts/conversations';
import { conversationsApi } from '../../../api/conversations-api.ts';
import { downloadBlob } from '../../../design/download-text.ts';
import { showActionFailure } from './action-failure.ts';
import { updateConversation } from './conversation-queries.ts';

/** Changes a conversation, and reports a failure. */
export async function changeConversation(conversationId: string, changes: UpdateConversation): Promise<void> {
  try {
    await updateConversation(conversationId, changes);
  } catch (thrown) {
    showActionFailure('Could not change the conversation', thrown);
  }
}

/** Downloads a conversation as a file. */
export async function exportConversation(conversationId: string, format: ExportFormat): Promise<void> {
  try {
    const { name, blob } = await conversationsApi.exportFile(conversationId, format);
    downloadBlob(name, blob);
  } catch (thrown) {
    showActionFailure('Could not export the conversation', thrown);
  }
}
