import { createContext, useContext } from 'react';
import type { ConversationView } from './conversation-view.ts';

export interface OpenConversation {
  /** `new` for the conversation that does not exist yet. */
  key: string;
  /** Undefined until it is loaded. */
  view: ConversationView | undefined;
}

/** The conversation that the page shows. */
export const OpenConversationContext = createContext<OpenConversation | null>(null);

export function useOpenConversation(): OpenConversation {
  const open = useContext(OpenConversationContext);
  if (!open) throw new Error('There is no open conversation');
  return open;
}
