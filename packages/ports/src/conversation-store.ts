import type {
  Conversation,
  ConversationDetail,
  ConversationListQuery,
  ConversationMessage,
  ConversationQuery,
  ConversationSearch,
  ConversationSearchQuery,
  CreateConversation,
  CreateMessage,
  ExportedConversation,
  SharedConversation,
  TitleSource,
  UpdateConversation,
} from '@prodigon/contracts/conversations';

/**
 * Stores conversations. Every method is limited to one owner and throws `CONVERSATION_NOT_FOUND` for a conversation of
 * another one, and `NOT_FOUND` for a message that does not belong to the conversation. Reads settle the generations of
 * processes that have ended, see {@link GenerationStore}.
 */
export interface ConversationStore {
  create(ownerId: string, conversation: CreateConversation): Promise<Conversation>;
  /** Returns a page, latest first, and the cursor of the next page. */
  list(ownerId: string, query: ConversationListQuery): Promise<{ conversations: Conversation[]; nextAfter: string | null }>;
  get(ownerId: string, conversationId: string, query: ConversationQuery): Promise<ConversationDetail>;
  update(ownerId: string, conversationId: string, changes: UpdateConversation): Promise<Conversation>;
  /** Replaces a title that the user has not written. Does nothing otherwise. */
  suggestTitle(ownerId: string, conversationId: string, title: string, source: TitleSource): Promise<void>;
  /** Deletes a conversation with its messages, generations and links, and leaves its files to `AttachmentStore.takeDeletedFiles`. */
  remove(ownerId: string, conversationId: string): Promise<void>;
  /** Deletes all conversations of the owner. Returns their number. */
  removeAll(ownerId: string): Promise<number>;
  /** Appends a message, which becomes the end of the active path. Throws `CONFLICT` at the maximum of messages. */
  addMessage(ownerId: string, conversationId: string, message: CreateMessage): Promise<ConversationMessage>;
  /** Replaces the text of a message. Throws `CONFLICT` while the model responds in it. */
  updateMessage(ownerId: string, conversationId: string, messageId: string, content: string): Promise<ConversationMessage>;
  /** Deletes a message and all that follow it. Throws `CONFLICT` while the model responds in one of them. */
  removeMessage(ownerId: string, conversationId: string, messageId: string): Promise<void>;
  search(ownerId: string, query: ConversationSearchQuery): Promise<ConversationSearch>;
  /** Yields conversations with all branches, oldest first: all of the owner, or one. */
  exportAll(ownerId: string, conversationId?: string): AsyncIterable<ExportedConversation>;
  /**
   * Stores a conversation of a file with all branches, under ids that depend only on the owner and `sourceId`. Returns its id,
   * and whether an earlier import has stored the same content.
   */
  importOne(ownerId: string, conversation: ImportedConversation): Promise<{ conversationId: string; isUnchanged: boolean }>;
  /** Shares the active path as it is now. Replaces an earlier link. `tokenHash` is the SHA-256 of the token. */
  share(ownerId: string, conversationId: string, tokenHash: Buffer): Promise<{ createdAt: string }>;
  unshare(ownerId: string, conversationId: string): Promise<void>;
  /** Throws `NOT_FOUND`. The only method for callers without an owner. */
  getShared(tokenHash: Buffer): Promise<SharedConversation>;
}

export type ImportedMessage = Pick<ConversationMessage, 'role' | 'parts'> &
  Partial<Pick<ConversationMessage, 'model' | 'provider' | 'status' | 'usage' | 'cost_usd' | 'completed_at' | 'meta'>> & {
    /** Id in the file, unique in its conversation. */
    readonly sourceId: string;
    /** Null for a first message. Precedes the message in the list. */
    readonly parentSourceId: string | null;
    readonly created_at: string | null;
  };

export interface ImportedConversation {
  /** Format and id in the file, e.g. `chatgpt:6720…`. Equal for every import of the same conversation. */
  readonly sourceId: string;
  readonly title: string;
  readonly system_prompt?: string | undefined;
  readonly model?: string | undefined;
  readonly archived?: boolean | undefined;
  readonly pinned?: boolean | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly created_at: string | null;
  readonly updated_at: string | null;
  /** Parents before children. */
  readonly messages: readonly ImportedMessage[];
  /** The end of the branch that the user had chosen; the latest message without it. */
  readonly activeSourceId: string | null;
}

/** A conversation that was created, changed or deleted. */
export interface ConversationChange {
  readonly ownerId: string;
  readonly conversationId: string;
}

/** Announces changes of conversations, by any process. May announce a change twice, or of a conversation that has not changed. */
export interface ConversationChangeFeed {
  /** Whether every change is announced now. Otherwise callers must poll. */
  readonly isConnected: boolean;
  /** Calls back with a change, or with undefined when any conversation may have changed. Returns a function that unsubscribes. */
  subscribe(listener: (change: ConversationChange | undefined) => void): () => void;
}
