import { create } from 'zustand';
import type { RequestNotices } from './chat-response.ts';
import type { NoticesById } from './transcript-turns.ts';

const STORAGE_KEY = 'prodigon.notices';
const NOTICES_MAX = 50;

/** What this tab knows of responses beyond what the server stores, by message id. Survives a reload of the tab. */
export const useNotices = create<{ readonly notices: NoticesById }>()(() => ({ notices: restore() }));

export function keepNotices(messageId: string, { fallbacks, omittedMessages, warning, attempts }: RequestNotices): void {
  const entries = Object.entries({
    ...useNotices.getState().notices,
    [messageId]: { fallbacks, omittedMessages, warning, attempts },
  });
  const notices = Object.fromEntries(entries.slice(-NOTICES_MAX));
  useNotices.setState({ notices });
  try {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(notices));
  } catch {
    // Storage is blocked: the notices last until the next reload.
  }
}

function restore(): NoticesById {
  try {
    return JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? '{}') as NoticesById;
  } catch {
    return {};
  }
}
