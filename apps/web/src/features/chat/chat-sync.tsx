import { platformEventSchemas } from '@prodigon/contracts';
import { useEffect } from 'react';
import { events } from '../../events/events.ts';
import { refreshLists, refreshView } from './state/conversation-queries.ts';
import './state/turns.ts';

/** Loads what another tab, another browser or the server has changed. */
export default function ChatSync({ conversationId }: { conversationId: string | undefined }) {
  useEffect(
    () =>
      events.subscribe('conversations', {
        onEvent({ event, data }) {
          if (event !== 'conversations') return;
          const { conversation_ids } = platformEventSchemas.conversations.parse(JSON.parse(data));
          refreshLists();
          const isOpen = conversationId !== undefined && (conversation_ids?.includes(conversationId) ?? true);
          if (isOpen) void refreshView(conversationId);
        },
      }),
    [conversationId],
  );
  return null;
}
