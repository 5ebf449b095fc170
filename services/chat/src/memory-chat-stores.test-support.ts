import { randomUUIDv7 } from 'node:crypto';
import { AppError } from '@prodigon/contracts';
import {
  type Conversation,
  type ConversationDetail,
  type ConversationMessage,
  type CreateConversation,
  type CreateTurn,
  countUnits,
  type MessagePart,
  titleFromQuestion,
} from '@prodigon/contracts/conversations';
import type {
  ConversationStore,
  GenerationEnd,
  GenerationHolder,
  GenerationStore,
  NewGeneration,
  PromptTemplateStore,
} from '@prodigon/ports';

interface StoredRun {
  readonly id: string;
  readonly ownerId: string;
  readonly conversationId: string;
  readonly message: ConversationMessage;
  readonly userMessageId: string | null;
  readonly isContinuation: boolean;
  readonly requestId: string;
  readonly model: string;
  readonly idempotency: NewGeneration['idempotency'];
  readonly startedAt: string;
  readonly deltas: Map<number, readonly MessagePart[]>;
  readonly earlierParts: readonly MessagePart[];
  holder: GenerationHolder;
  end: GenerationEnd | undefined;
}

/** The lease of a holder, as in the database. */
const LEASE_MS = 10_000;
const now = () => new Date().toISOString();

/**
 * Creates stores of conversations in memory, a fast double of those in PostgreSQL for unit tests. They have what turns
 * need. `nowMs` is the clock of the leases.
 */
export function createMemoryChatStores({ nowMs = () => performance.now() }: { nowMs?: () => number } = {}) {
  const conversations = new Map<string, { ownerId: string; conversation: Conversation; messages: ConversationMessage[] }>();
  const runs = new Map<string, StoredRun>();
  const leases = new Map<string, number>();

  function find(ownerId: string, conversationId: string) {
    const found = conversations.get(conversationId);
    if (found?.ownerId !== ownerId) throw new AppError('CONVERSATION_NOT_FOUND');
    return found;
  }

  function findMessage(messages: readonly ConversationMessage[], id: string): ConversationMessage {
    const found = messages.find((message) => message.id === id);
    if (!found) throw new AppError('NOT_FOUND');
    return found;
  }

  function pathTo(messages: readonly ConversationMessage[], id: string | null): ConversationMessage[] {
    if (id === null) return [];
    const message = findMessage(messages, id);
    return [...pathTo(messages, message.parent_id), message];
  }

  function end(run: StoredRun, result: GenerationEnd): void {
    run.end = result;
    const { status, parts, model, provider, usage, estimated, costUsd, finishReason, ttftMs, latencyMs, error } = result;
    const all = [...run.earlierParts, ...parts];
    Object.assign(run.message, {
      status,
      parts: all,
      content: all.map((part) => (part.type === 'text' ? part.text : '')).join(''),
      model: model ?? run.model,
      provider,
      usage,
      estimated,
      cost_usd: costUsd,
      finish_reason: finishReason,
      ttft_ms: ttftMs,
      latency_ms: latencyMs,
      error,
      completed_at: now(),
    });
  }

  /** Ends the runs of holders whose lease has expired. */
  function endOrphans(): void {
    for (const run of runs.values()) {
      if (run.end || (leases.get(run.holder.id) ?? 0) >= nowMs()) continue;
      end(run, { ...INTERRUPTED, parts: partsOf(run) });
    }
  }

  function addMessage(
    messages: ConversationMessage[],
    message: Pick<ConversationMessage, 'role' | 'parent_id' | 'parts' | 'status'> & Partial<ConversationMessage>,
  ): ConversationMessage {
    const content = message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
    const added = { ...EMPTY_MESSAGE, id: randomUUIDv7(), content, created_at: now(), ...message };
    messages.push(added);
    return added;
  }

  function target(messages: ConversationMessage[], activeId: string | null, turn: CreateTurn) {
    if (turn.continue !== undefined) {
      const continued = findMessage(messages, turn.continue);
      if (continued.status === 'streaming') throw new AppError('CONFLICT');
      return { userMessageId: null, parentId: continued.parent_id, continued };
    }
    if (turn.regenerate !== undefined) {
      const message = findMessage(messages, turn.regenerate);
      const parentId = message.role === 'user' ? message.id : message.parent_id;
      return { userMessageId: parentId, parentId, continued: undefined };
    }
    const parent_id = turn.parent_id === undefined ? activeId : turn.parent_id;
    if (parent_id !== null && findMessage(messages, parent_id).status === 'streaming') throw new AppError('CONFLICT');
    const attachments = (turn.attachment_ids ?? []).map((id) => ({ ...ATTACHMENT, attachment_id: id }));
    const parts = [...attachments, { type: 'text' as const, text: turn.content ?? '' }];
    const { id } = addMessage(messages, { role: 'user', parent_id, parts, status: 'done' });
    return { userMessageId: id, parentId: id, continued: undefined };
  }

  const generations: GenerationStore = {
    async start(holder, { generationId, ownerId, conversationId, requestId, model, turn, idempotency }) {
      leases.set(holder.id, nowMs() + LEASE_MS);
      endOrphans();
      const { conversation, messages } = find(ownerId, conversationId);
      const earlier = [...runs.values()].find((run) => run.ownerId === ownerId && run.idempotency?.key === idempotency?.key);
      if (idempotency && earlier) {
        if (earlier.idempotency?.fingerprint !== idempotency.fingerprint) throw new AppError('VALIDATION_ERROR');
        const { id, message, userMessageId, isContinuation } = earlier;
        const messagePosition = countUnits(earlier.earlierParts);
        const replay = { generationId: id, messageId: message.id, userMessageId, isContinuation, messagePosition };
        return { ...replay, isReplay: true, conversation, history: [], olderMessages: 0 };
      }
      const { userMessageId, parentId, continued } = target(messages, conversation.active_message_id, turn);
      const message =
        continued ?? addMessage(messages, { role: 'assistant', parent_id: parentId, parts: [], status: 'streaming', model });
      Object.assign(message, { status: 'streaming', generation_id: generationId, request_id: requestId });
      runs.set(generationId, {
        id: generationId,
        ownerId,
        conversationId,
        message,
        userMessageId,
        isContinuation: continued !== undefined,
        requestId,
        model,
        idempotency,
        startedAt: now(),
        deltas: new Map(),
        earlierParts: message.parts,
        holder,
        end: undefined,
      });
      if (conversation.title_source === 'none' && turn.content !== undefined)
        Object.assign(conversation, { title: titleFromQuestion(turn.content), title_source: 'question' });
      conversation.active_message_id = message.id;
      const history = pathTo(messages, continued ? message.id : parentId).map(({ id, role, parts }) => ({ id, role, parts }));
      return {
        generationId,
        isReplay: false,
        conversation: { ...conversation, generating: true },
        userMessageId,
        messageId: message.id,
        isContinuation: continued !== undefined,
        messagePosition: countUnits(message.parts),
        history,
        olderMessages: 0,
      };
    },
    async write(holder, deltas) {
      leases.set(holder.id, nowMs() + LEASE_MS);
      return deltas.flatMap(({ generationId, position, parts }) => {
        const run = runs.get(generationId);
        if (!run || run.end || run.holder.id !== holder.id) return [generationId];
        run.deltas.set(position, parts);
        return [];
      });
    },
    async finish(holder, generationId, result) {
      const run = runs.get(generationId);
      if (!run || run.end || run.holder.id !== holder.id) return false;
      end(run, result);
      return true;
    },
    async get(ownerId, generationId) {
      endOrphans();
      const run = runs.get(generationId);
      if (run?.ownerId !== ownerId) throw new AppError('NOT_FOUND');
      const found = conversations.get(run.conversationId);
      if (!found?.messages.includes(run.message)) throw new AppError('NOT_RESUMABLE');
      const { parts: _, ...result } = run.end ?? INTERRUPTED;
      return {
        generation: {
          id: run.id,
          conversation_id: run.conversationId,
          message_id: run.message.id,
          status: run.end?.status ?? 'streaming',
          model: run.end?.model ?? run.model,
          started_at: run.startedAt,
          completed_at: run.end ? run.message.completed_at : null,
        },
        conversation: found.conversation,
        userMessageId: run.userMessageId,
        isContinuation: run.isContinuation,
        messagePosition: countUnits(run.earlierParts),
        requestId: run.requestId,
        holderUrl: run.end ? null : run.holder.url,
        parts: run.end?.parts ?? partsOf(run),
        end: run.end ? result : null,
      };
    },
  };

  const store: Pick<ConversationStore, 'create' | 'get' | 'suggestTitle' | 'removeMessage' | 'remove'> = {
    async create(ownerId, options) {
      const conversation = newConversation(options);
      conversations.set(conversation.id, { ownerId, conversation, messages: [] });
      return conversation;
    },
    async get(ownerId, conversationId): Promise<ConversationDetail> {
      endOrphans();
      const { conversation, messages } = find(ownerId, conversationId);
      const path = pathTo(messages, conversation.active_message_id);
      const generating = messages.some(({ status }) => status === 'streaming');
      return { ...conversation, generating, messages: path, has_earlier: false };
    },
    async suggestTitle(ownerId, conversationId, title, title_source) {
      Object.assign(find(ownerId, conversationId).conversation, { title, title_source });
    },
    async removeMessage(ownerId, conversationId, messageId) {
      const found = find(ownerId, conversationId);
      found.messages = found.messages.filter(({ id }) => id !== messageId);
    },
    async remove(ownerId, conversationId) {
      find(ownerId, conversationId);
      conversations.delete(conversationId);
    },
  };
  return { conversations: store as ConversationStore, generations, templates: {} as PromptTemplateStore };
}

function partsOf({ deltas }: StoredRun): MessagePart[] {
  return [...deltas].sort(([first], [second]) => first - second).flatMap(([, parts]) => parts);
}

function newConversation(options: CreateConversation): Conversation {
  return {
    id: randomUUIDv7(),
    title: options.title ?? '',
    title_source: options.title === undefined ? 'none' : 'user',
    system_prompt: options.system_prompt ?? null,
    model: options.model ?? null,
    max_tokens: options.max_tokens ?? null,
    temperature: options.temperature ?? null,
    pinned: false,
    archived: false,
    tags: options.tags ?? [],
    active_message_id: null,
    generating: false,
    shared: false,
    created_at: now(),
    updated_at: now(),
  };
}

const ATTACHMENT = { type: 'attachment' as const, name: 'notes.txt', media_type: 'text/plain', bytes: 5 };
const INTERRUPTED: GenerationEnd = {
  status: 'interrupted',
  parts: [],
  model: null,
  provider: null,
  usage: null,
  estimated: false,
  costUsd: null,
  finishReason: null,
  ttftMs: null,
  latencyMs: null,
  attempts: 0,
  error: null,
};
const EMPTY_MESSAGE: Omit<ConversationMessage, 'id' | 'role' | 'parent_id' | 'parts' | 'status' | 'content' | 'created_at'> = {
  model: null,
  provider: null,
  usage: null,
  estimated: false,
  cost_usd: null,
  finish_reason: null,
  ttft_ms: null,
  latency_ms: null,
  error: null,
  generation_id: null,
  request_id: null,
  meta: null,
  sibling_ids: [],
  completed_at: null,
};
