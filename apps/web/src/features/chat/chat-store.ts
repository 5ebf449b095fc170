import { api } from '../../api/api.ts';
import { reportBudget } from '../../api/met-limit.ts';
import { refetchModels } from '../../api/models-query.ts';
import { postponeReloadWhile } from '../../design/app-version.ts';
import { requestSettings } from '../settings/chat-settings-store.ts';
import { isRunning, type Turn } from './conversation.ts';
import { persistConversation, restoreConversation } from './conversation-storage.ts';
import { createChatStore } from './create-chat-store.ts';
import { inStreamSlot, streamLocks, useStreamSlot } from './stream-slots.ts';

/** The conversation of this tab. */
export const useChat = createChatStore({
  stream: (request, signal, onWarning) =>
    inStreamSlot(() => api.stream(request, signal, onWarning), signal, {
      locks: streamLocks(),
      onWaiting: (isWaiting) => useStreamSlot.setState({ isWaiting }),
    }),
  settingsFor: requestSettings,
  now: () => Date.now(),
  createId: () => Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join(''),
  ...restoreConversation(sessionStorage),
});

persistConversation(useChat, sessionStorage);

const hasRunning = (turns: readonly Turn[]) => turns.some(({ response }) => isRunning(response));

postponeReloadWhile(() => hasRunning(useChat.getState().turns));

// A response changes the health of its model: a circuit breaker may have opened or closed.
useChat.subscribe(({ turns }, before) => {
  if (turns !== before.turns && hasRunning(before.turns) && !hasRunning(turns)) refetchModels();
});

// A stream has begun before the model service checks the budget, so that an event reports it.
useChat.subscribe(({ turns }, before) => {
  if (turns === before.turns) return;
  const known = new Set(before.turns.map(({ response }) => response.failure));
  for (const { response } of turns) if (response.failure && !known.has(response.failure)) reportBudget(response.failure);
});
