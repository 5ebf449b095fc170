import { resolveModelId } from '@prodigon/contracts';
import { conversationsApi } from '../../../api/conversations-api.ts';
import { reportBudget } from '../../../api/met-limit.ts';
import { cachedModels, refetchModels } from '../../../api/models-query.ts';
import { queryClient } from '../../../api/query-client.ts';
import { postponeReloadWhile } from '../../../design/app-version.ts';
import { createIdempotencyKey } from '../../jobs/idempotency-key.ts';
import { requestSettings } from '../../settings/chat-settings-store.ts';
import { openCreated } from '../chat-location.ts';
import { inStreamSlot, streamLocks, useStreamSlot } from '../stream-slots.ts';
import { isRunning } from './chat-response.ts';
import { changeView, refreshLists, refreshView, viewQuery } from './conversation-queries.ts';
import { applyStart } from './conversation-view.ts';
import { useDrafts } from './drafts.ts';
import { useLiveTurns } from './live-turn.ts';
import { createPendingTurns } from './pending-turns.ts';
import { keepNotices } from './transcript-notices.ts';
import { createTurnRunner } from './turn-runner.ts';

/** The runner of this tab. */
export const turns = createTurnRunner({
  api: conversationsApi,
  live: useLiveTurns,
  drafts: useDrafts,
  pending: createPendingTurns(sessionStorage),
  createKey: createIdempotencyKey,
  now: () => Date.now(),
  inSlot: (open, signal) =>
    inStreamSlot(open, signal, {
      locks: streamLocks(),
      onWaiting: (isWaiting) => useStreamSlot.setState({ isWaiting }),
    }),
  newConversation({ model = null }) {
    const { system_prompt, max_tokens, temperature, model: requested } = requestSettings(model);
    return {
      model: requested ?? undefined,
      system_prompt: system_prompt ?? undefined,
      max_tokens: max_tokens ?? undefined,
      temperature: temperature ?? undefined,
    };
  },
  warningOf({ request }, { conversation }) {
    const model = request.model ?? conversation.model;
    const models = cachedModels();
    return model && models ? resolveModelId(model, models, new Date().toISOString().slice(0, 10)).warning : null;
  },
  onCreated(conversation) {
    queryClient.setQueryData(viewQuery(conversation.id).queryKey, { conversation, messages: [], hasEarlier: false });
    refreshLists();
    openCreated(conversation.id);
  },
  onStarted(turn, start) {
    changeView(start.conversation.id, (view) => applyStart(view, turn, start));
    refreshLists();
  },
  async onEnded(conversationId, { messageId, response }) {
    if (messageId !== null) keepNotices(messageId, response);
    // A response changes the health of its model: a circuit breaker may have opened or closed.
    refetchModels();
    if (response.failure) reportBudget(response.failure);
    refreshLists();
    await refreshView(conversationId);
  },
});

const hasUnstarted = () =>
  Object.values(useLiveTurns.getState().turns).some(({ generationId, response }) => generationId === null && isRunning(response));

// A response that has started continues after a reload.
postponeReloadWhile(hasUnstarted);

document.addEventListener('visibilitychange', () => {
  if (document.hidden) turns.release();
  else turns.reattach();
});

turns.restore();
