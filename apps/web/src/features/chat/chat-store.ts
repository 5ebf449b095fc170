import { api } from '../../api/api.ts';
import { keepConversation, restoreConversation } from './conversation-storage.ts';
import { createChatStore } from './create-chat-store.ts';

/** This tab's conversation. */
export const useChat = createChatStore({
  stream: (request, signal) => api.stream(request, signal),
  now: () => Date.now(),
  createId: () => Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join(''),
  ...restoreConversation(sessionStorage),
});

keepConversation(useChat, sessionStorage);
