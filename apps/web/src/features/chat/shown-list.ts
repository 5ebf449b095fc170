import type { RefObject } from 'react';
import type { MessageListHandle } from './message-list.tsx';

/** The list of the open conversation, for the parts of the page beside it. */
export const shownList: RefObject<MessageListHandle | null> = { current: null };
