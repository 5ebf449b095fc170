import { conversationsApi, unloadingConversationsApi } from '../../../api/conversations-api.ts';
import { showActionFailure } from './action-failure.ts';
import { forgetConversation } from './conversation-queries.ts';
import { createDeletions } from './create-deletions.ts';

const deletions = createDeletions({
  async remove(conversationId, isUnloading) {
    await (isUnloading ? unloadingConversationsApi : conversationsApi).remove(conversationId);
    forgetConversation(conversationId);
  },
  onFailure: (thrown) => showActionFailure('Could not delete the conversation', thrown),
  setTimer: setTimeout,
  clearTimer: clearTimeout,
});

export const useDeletions = deletions.store;
export const scheduleDeletion = deletions.schedule;
export const restoreDeleted = deletions.undo;
export const pauseDeletion = deletions.pause;

addEventListener('pagehide', () => deletions.flush(true));
document.addEventListener('visibilitychange', () => {
  if (document.hidden) deletions.flush(true);
});
