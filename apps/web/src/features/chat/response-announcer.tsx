import { errorMessage } from './error-messages.ts';
import { type ChatResponse, isRunning, storedResponse } from './state/chat-response.ts';
import { useLiveTurns } from './state/live-turn.ts';
import { useOpenConversation } from './state/open-conversation.ts';

/** Announces the state of the latest response to screen readers, but not its text. */
export function ResponseAnnouncer() {
  const { key, view } = useOpenConversation();
  const live = useLiveTurns(({ turns }) => turns[key]?.response);
  const latest = view?.messages.at(-1);
  const response = live ?? (latest?.role === 'assistant' ? storedResponse(latest) : undefined);
  return (
    <div className="sr-only">
      <p role="status">{response ? statusAnnouncement(response) : ''}</p>
      <p role="alert">{live ? errorAnnouncement(live) : ''}</p>
    </div>
  );
}

function statusAnnouncement(response: ChatResponse): string {
  if (isRunning(response)) return 'Generating';
  if (response.state === 'stopped') return 'Stopped';
  return response.state === 'done' ? `Response complete, ${response.text.split(/\s+/).filter(Boolean).length} words` : '';
}

function errorAnnouncement(response: ChatResponse): string {
  if (response.state === 'interrupted') return 'The response was interrupted';
  if (response.state !== 'failed' || !response.failure) return '';
  const { title, detail } = errorMessage(response.failure);
  return `${title}. ${detail}`;
}
