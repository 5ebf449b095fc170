import type { Attachment, TurnEventData } from '@prodigon/contracts/conversations';
import type { AttachmentStore, ConversationStore, FileStore, GenerationStore, PromptTemplateStore } from '@prodigon/ports';
import { itemsOf } from './body-items.test-support.ts';

/** Returns stores of one conversation, with one response that has ended: those of the examples. */
export function exampleChatStores(exampleOf: (operationId: string) => unknown): {
  conversations: ConversationStore;
  generations: GenerationStore;
  attachments: AttachmentStore;
  files: FileStore;
  templates: PromptTemplateStore;
} {
  const startOf = () => {
    const [start] = itemsOf('text/event-stream', String(exampleOf('createTurn'))) as { data: TurnEventData<'start'> }[];
    if (!start) throw new Error('The example of a turn has no start.');
    return start.data;
  };
  const generations: GenerationStore = {
    async start(_holder, { generationId }) {
      const { conversation, user_message_id: userMessageId, message_id: messageId } = startOf();
      const history = [{ id: messageId, role: 'user' as const, parts: [{ type: 'text' as const, text: 'Hi' }] }];
      const started = { generationId, conversation, userMessageId, messageId, history };
      return { ...started, isReplay: false, isContinuation: false, messagePosition: 0, olderMessages: 0 };
    },
    write: async () => [],
    finish: async () => true,
    async get() {
      const { conversation, user_message_id: userMessageId, message_id, generation_id: id, request_id: requestId } = startOf();
      const [started_at, completed_at] = [conversation.created_at, conversation.updated_at];
      return {
        generation: { id, conversation_id: conversation.id, message_id, status: 'done', model: 'm', started_at, completed_at },
        conversation,
        userMessageId,
        isContinuation: false,
        messagePosition: 0,
        requestId,
        holderUrl: null,
        parts: [{ type: 'text', text: 'Hi' }],
        end: END,
      };
    },
  };
  const conversations = {
    ...answering({
      create: 'createConversation',
      update: 'updateConversation',
      search: 'searchConversations',
      addMessage: 'createMessage',
      updateMessage: 'updateMessage',
      getShared: 'getSharedConversation',
    }),
    get: async () => ({ ...startOf().conversation, messages: [], has_earlier: false }),
    importOne: async () => ({ conversationId: startOf().conversation.id, isUnchanged: false }),
    list: async () => ({ conversations: exampleOf('listConversations'), nextAfter: 'a' }),
    suggestTitle: async () => {},
    remove: async () => {},
    removeAll: async () => 1,
    removeMessage: async () => {},
    share: async () => ({ createdAt: startOf().conversation.created_at }),
    unshare: async () => {},
    async *exportAll() {
      yield exampleOf('exportConversation');
    },
  };
  const templates = {
    ...answering({ create: 'createPromptTemplate', update: 'updatePromptTemplate' }),
    list: async () => (exampleOf('listPromptTemplates') as { templates: unknown }).templates,
    remove: async () => {},
  };

  /** Returns methods that return the example of an operation. */
  function answering(operations: Record<string, string>) {
    return Object.fromEntries(Object.entries(operations).map(([name, id]) => [name, async () => exampleOf(id)]));
  }
  const attachment = () => exampleOf('getAttachment') as Attachment;
  const attachments: AttachmentStore = {
    create: async () => attachment(),
    get: async () => ({ ...attachment(), sha256: '', text: '' }),
    getAll: async () => [],
    remove: async () => {},
    takeDeletedFiles: async () => {},
  };
  const files: FileStore = { write: async () => {}, read: async () => Buffer.from('text'), remove: async () => {} };
  return {
    conversations: conversations as unknown as ConversationStore,
    generations,
    attachments,
    files,
    templates: templates as unknown as PromptTemplateStore,
  };
}

const END = {
  status: 'done',
  model: 'm',
  provider: 'p',
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  estimated: false,
  costUsd: 0,
  finishReason: 'stop',
  ttftMs: 1,
  latencyMs: 2,
  attempts: 1,
  error: null,
} as const;
