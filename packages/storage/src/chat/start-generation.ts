import { randomUUIDv7 } from 'node:crypto';
import { AppError } from '@prodigon/contracts';
import {
  CONVERSATION_LIMITS,
  type CreateTurn,
  countUnits,
  type MessagePart,
  titleFromQuestion,
} from '@prodigon/contracts/conversations';
import type { GenerationHolder, NewGeneration, StartedGeneration } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database-schema.ts';
import { lockConversation, readConversation, touchConversation } from './conversation-rows.ts';
import { claimKey } from './generation-keys.ts';
import { contentOf } from './message-parts.ts';
import { findLatestDescendant } from './message-path.ts';
import { findMessage, insertMessage, type MessageRow, type MessageScope } from './message-rows.ts';
import { readHistory } from './turn-history.ts';

/** Where the response of a turn goes. */
interface TurnTarget {
  /** The question to store; undefined for an earlier one. */
  readonly question: { readonly id: string; readonly parentId: string | null; readonly parts: MessagePart[] } | undefined;
  readonly userMessageId: string | null;
  /** The last message before the response. */
  readonly parentId: string | null;
  readonly continued: MessageRow | undefined;
}

/** Stores the question, the empty response and the generation. The lease of the holder must be valid. */
export function startGeneration(
  db: Kysely<Database>,
  holder: GenerationHolder,
  generation: NewGeneration,
): Promise<StartedGeneration> {
  const { ownerId, conversationId, generationId, turn, model, requestId } = generation;
  const scope = { ownerId, conversationId };
  return db.transaction().execute(async (trx) => {
    const original = await claimKey(trx, generation);
    if (original) return original;
    const conversation = await lockConversation(trx, ownerId, conversationId);
    const target = await findTarget(trx, scope, turn, conversation.active_message_id);
    const { question, userMessageId, continued } = target;
    const addedMessages = (question ? 1 : 0) + (continued ? 0 : 1);
    assertRoom(conversation.message_count + addedMessages);
    if (question) await insertMessage(trx, scope, { ...question, role: 'user', status: 'done', requestId });
    const messageId = continued?.id ?? randomUUIDv7();
    const messagePosition = countUnits(continued?.parts ?? []);
    if (continued) await continueMessage(trx, messageId, generation);
    else {
      const response = { id: messageId, parentId: target.parentId, parts: [], generationId, requestId, model };
      await insertMessage(trx, scope, { ...response, role: 'assistant', status: 'streaming' });
    }
    await sql`
      insert into chat.generations (
        id, owner_id, key_id, conversation_id, message_id, user_message_id, is_continuation, request_id, holder_id,
        idempotency_key, fingerprint, status, first_unit, model
      ) values (
        ${generationId}, ${ownerId}, ${generation.keyId ?? null}, ${conversationId}, ${messageId}, ${userMessageId},
        ${continued !== undefined}, ${requestId}, ${holder.id}, ${generation.idempotency?.key ?? null},
        ${generation.idempotency?.fingerprint ?? null}, 'streaming', ${messagePosition}, ${model}
      )
    `.execute(trx);
    const isUntitled = conversation.title_source === 'none' && question !== undefined;
    await touchConversation(trx, conversationId, {
      activeMessageId: continued ? await findLatestDescendant(trx, scope, messageId) : messageId,
      addedMessages,
      ...(isUntitled && { title: titleFromQuestion(contentOf(question.parts)) }),
    });
    return {
      generationId,
      isReplay: false,
      conversation: await readConversation(trx, ownerId, conversationId),
      userMessageId,
      messageId,
      isContinuation: continued !== undefined,
      messagePosition,
      ...(await readHistory(trx, scope, continued?.id ?? target.parentId)),
    };
  });
}

/** Throws `CONFLICT` when a conversation has too many messages. */
export function assertRoom(messages: number): void {
  if (messages <= CONVERSATION_LIMITS.conversationMessagesMax) return;
  throw new AppError(
    'CONFLICT',
    `A conversation has at most ${CONVERSATION_LIMITS.conversationMessagesMax} messages. Start a new one.`,
  );
}

async function findTarget(
  trx: Kysely<Database>,
  scope: MessageScope,
  turn: CreateTurn,
  activeMessageId: string | null,
): Promise<TurnTarget> {
  if (turn.continue !== undefined) {
    const continued = await findMessage(trx, scope, turn.continue);
    if (continued.role !== 'assistant') throw invalid('continue', 'Must be a response');
    assertEnded(continued);
    return { question: undefined, userMessageId: null, parentId: continued.parent_id, continued };
  }
  if (turn.regenerate !== undefined) {
    const message = await findMessage(trx, scope, turn.regenerate);
    const questionId = message.role === 'user' ? message.id : message.parent_id;
    if (questionId === null || !['user', 'assistant'].includes(message.role))
      throw invalid('regenerate', 'Must be a question, or a response to one');
    return { question: undefined, userMessageId: questionId, parentId: questionId, continued: undefined };
  }
  const parentId = turn.parent_id === undefined ? activeMessageId : turn.parent_id;
  if (parentId !== null) assertEnded(await findMessage(trx, scope, parentId));
  const attachments = await findAttachments(trx, scope.ownerId, turn.attachment_ids ?? []);
  const question = { id: randomUUIDv7(), parentId, parts: [...attachments, { type: 'text' as const, text: turn.content ?? '' }] };
  return { question, userMessageId: question.id, parentId: question.id, continued: undefined };
}

function assertEnded({ status }: MessageRow): void {
  if (status === 'streaming') throw new AppError('CONFLICT', 'The model still responds. Stop the response, or wait for its end.');
}

const invalid = (path: string, message: string) => new AppError('VALIDATION_ERROR', undefined, { details: [{ path, message }] });

async function findAttachments(trx: Kysely<Database>, ownerId: string, ids: readonly string[]): Promise<MessagePart[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<{ id: string; name: string; media_type: string; bytes: number }>`
    select id, name, media_type, bytes from chat.attachments where id = any(${ids}::uuid[]) and owner_id = ${ownerId} for key share
  `.execute(trx);
  const found = new Map(rows.map((row) => [row.id, row]));
  return [...new Set(ids)].map((id) => {
    const row = found.get(id);
    if (!row) throw new AppError('NOT_FOUND', 'An attachment does not exist.');
    return { type: 'attachment', attachment_id: id, name: row.name, media_type: row.media_type, bytes: row.bytes };
  });
}

async function continueMessage(
  trx: Kysely<Database>,
  messageId: string,
  { generationId, requestId, model }: NewGeneration,
): Promise<void> {
  await sql`
    update chat.messages set
      status = 'streaming', generation_id = ${generationId}, request_id = ${requestId}, model = ${model}, error = null,
      finish_reason = null, completed_at = null
    where id = ${messageId}
  `.execute(trx);
}
