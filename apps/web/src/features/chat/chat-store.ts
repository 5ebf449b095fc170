import { api } from '../../api/api.ts';
import { useModelsStore } from '../../api/models-store.ts';
import { chatSettingsFor } from '../settings/chat-settings-store.ts';
import { isRunning } from './answer.ts';
import type { Turn } from './conversation.ts';
import { keepConversation, restoreConversation } from './conversation-storage.ts';
import { createChatStore } from './create-chat-store.ts';

/** This tab's conversation. */
export const useChat = createChatStore({
  stream: api.stream,
  settingsFor: chatSettingsFor,
  now: () => Date.now(),
  createId: () => Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join(''),
  ...restoreConversation(sessionStorage),
});

keepConversation(useChat, sessionStorage);

const isBusy = (turns: readonly Turn[]) => turns.some(({ answer }) => isRunning(answer));

// What an answer went through, its model has gone through: a breaker may have opened, or closed.
useChat.subscribe(({ turns }, before) => {
  if (turns !== before.turns && isBusy(before.turns) && !isBusy(turns)) void useModelsStore.getState().load();
});
