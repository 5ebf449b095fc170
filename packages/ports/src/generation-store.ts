import type { ErrorCode, Usage } from '@prodigon/contracts';
import type {
  Conversation,
  ConversationMessage,
  CreateTurn,
  Generation,
  MessagePart,
  MessageStatus,
} from '@prodigon/contracts/conversations';

/** A process that receives responses of models. Its lease ends unless it writes. */
export interface GenerationHolder {
  readonly id: string;
  /** URL for other gateways, e.g. `http://10.0.0.5:8004`. */
  readonly url: string;
}

export interface NewGeneration {
  readonly generationId: string;
  readonly ownerId: string;
  readonly keyId?: string | undefined;
  readonly conversationId: string;
  readonly requestId: string;
  /** Resolved model. */
  readonly model: string;
  readonly turn: CreateTurn;
  readonly idempotency?: { readonly key: string; readonly fingerprint: string } | undefined;
}

/** A generation that has started. */
export interface StartedGeneration {
  readonly generationId: string;
  /** True when an earlier request with this key started the generation. `history` is empty then. */
  readonly isReplay: boolean;
  readonly conversation: Conversation;
  readonly userMessageId: string | null;
  readonly messageId: string;
  readonly isContinuation: boolean;
  /** Position in the message where the response begins, see `turnEventSchemas`. */
  readonly messagePosition: number;
  /**
   * The messages before the response, oldest first, without the system prompt. A response that continues is the last one.
   * Contains the latest messages of the path up to a limit of characters; `olderMessages` counts the others.
   */
  readonly history: readonly Pick<ConversationMessage, 'id' | 'role' | 'parts'>[];
  readonly olderMessages: number;
}

/** What a generation has received since the last write, in order. */
export interface GenerationDelta {
  readonly generationId: string;
  /** Position of the first code unit, see `turnEventSchemas`. */
  readonly position: number;
  readonly parts: readonly MessagePart[];
}

export interface GenerationEnd {
  readonly status: Exclude<MessageStatus, 'streaming'>;
  /** All that the generation has received. The parts of a response that continues are appended to those of its message. */
  readonly parts: readonly MessagePart[];
  readonly model: string | null;
  readonly provider: string | null;
  readonly usage: Usage | null;
  readonly estimated: boolean;
  readonly costUsd: number | null;
  readonly finishReason: string | null;
  readonly ttftMs: number | null;
  readonly latencyMs: number | null;
  readonly attempts: number;
  readonly error: { readonly code: ErrorCode; readonly message: string; readonly retryable: boolean } | null;
}

/** A generation as the database knows it. */
export interface StoredGeneration {
  readonly generation: Generation;
  readonly conversation: Conversation;
  readonly userMessageId: string | null;
  readonly isContinuation: boolean;
  /** Position in the message where the response begins, see `turnEventSchemas`. */
  readonly messagePosition: number;
  readonly requestId: string;
  /** URL of the process that receives the response; null after the end. */
  readonly holderUrl: string | null;
  /** The received parts as last stored; without those of a message that it continues. */
  readonly parts: readonly MessagePart[];
  /** Null while it runs. */
  readonly end: Omit<GenerationEnd, 'parts'> | null;
}

/**
 * Stores the responses of models while they arrive. A process holds its generations by one lease, which every write renews.
 * A read that finds the lease expired ends the generation in the same statement, as `interrupted` with the text so far.
 */
export interface GenerationStore {
  /**
   * Stores the question, the empty response and the generation in one transaction. Throws `CONVERSATION_NOT_FOUND`,
   * `NOT_FOUND` for a message, `CONFLICT` while the message that it continues or follows is streaming or while another request
   * uses the idempotency key, and `VALIDATION_ERROR` when the key belongs to another request.
   */
  start(holder: GenerationHolder, generation: NewGeneration): Promise<StartedGeneration>;
  /**
   * Appends to the stored texts and renews the lease of the holder, in one statement for all generations. Returns the ids of
   * those that are not the holder's any more, because its lease had expired. A delta that is repeated at its position replaces
   * the first. Without deltas or parts, it only renews the lease.
   */
  write(holder: GenerationHolder, deltas: readonly GenerationDelta[]): Promise<readonly string[]>;
  /** Stores the end. Returns false if the generation is not the holder's any more. Can be repeated. */
  finish(holder: GenerationHolder, generationId: string, end: GenerationEnd): Promise<boolean>;
  /** Throws `NOT_FOUND`, and `NOT_RESUMABLE` for one that was deleted with its message. */
  get(ownerId: string, generationId: string): Promise<StoredGeneration>;
}
