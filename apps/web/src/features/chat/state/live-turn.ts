import type { Attachment, CreateTurn } from '@prodigon/contracts/conversations';
import { create } from 'zustand';
import { type ChatResponse, isRunning } from './chat-response.ts';

/** The key of the conversation that does not exist yet. */
export const NEW_CONVERSATION = 'new';

/** What the composer shows of an attachment. */
export type AttachmentLabel = Pick<Attachment, 'id' | 'name' | 'kind' | 'media_type' | 'bytes'>;

/** A turn that this tab has sent, or whose response it reads. */
export interface LiveTurn {
  /** The idempotency key of the turn. */
  readonly key: string;
  readonly request: CreateTurn;
  readonly attachments: readonly AttachmentLabel[];
  /** These three are null until the turn has started. */
  readonly generationId: string | null;
  readonly messageId: string | null;
  readonly userMessageId: string | null;
  /** The response that this one replaces. It stays in view until text arrives. */
  readonly replaced: ChatResponse | null;
  readonly response: ChatResponse;
  /** Whether the connection was lost. The response continues on the server. */
  readonly isReconnecting: boolean;
}

interface LiveTurnsState {
  /** The latest turn of each conversation, by its id. */
  readonly turns: Readonly<Record<string, LiveTurn>>;
}

/** The turns of this tab. The runner changes them; it downloads after the first paint. */
export const useLiveTurns = create<LiveTurnsState>()(() => ({ turns: {} }));

export const liveTurnOf = (conversationKey: string): LiveTurn | undefined => useLiveTurns.getState().turns[conversationKey];

export function isRunningIn(turns: LiveTurnsState['turns'], conversationKey: string): boolean {
  const turn = turns[conversationKey];
  return turn !== undefined && isRunning(turn.response);
}
