import { WEB_UI_ROUTES } from '@prodigon/contracts';
import { navigate } from 'wouter/use-browser-location';
import { NEW_CONVERSATION } from './state/live-turn.ts';

export function conversationPath(conversationId: string): string {
  return conversationId === NEW_CONVERSATION ? WEB_UI_ROUTES.chat : `${WEB_UI_ROUTES.chat}/${conversationId}`;
}

/** Shows a conversation that has just been created, unless the user has gone to another page. */
export function openCreated(conversationId: string): void {
  if (location.pathname === WEB_UI_ROUTES.chat) navigate(conversationPath(conversationId), { replace: true });
}
