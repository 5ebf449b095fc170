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

const STORAGE_KEY = 'prodigon.chat-path';

/** Remembers what the chat shows, so that links from other pages lead back to it. */
export function rememberChat(path: string): void {
  sessionStorage.setItem(STORAGE_KEY, path);
}

/** The path of the chat as this tab has left it. */
export function lastChat(): string {
  return sessionStorage.getItem(STORAGE_KEY) ?? WEB_UI_ROUTES.chat;
}
