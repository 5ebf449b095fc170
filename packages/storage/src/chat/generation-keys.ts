import { AppError } from '@prodigon/contracts';
import type { NewGeneration, StartedGeneration } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database-schema.ts';
import { readConversation } from './conversation-rows.ts';

interface EarlierGeneration {
  readonly id: string;
  readonly fingerprint: string;
  readonly conversation_id: string;
  readonly message_id: string;
  readonly user_message_id: string | null;
  readonly is_continuation: boolean;
  readonly first_unit: number;
}

/**
 * Returns the generation that an earlier request with the same idempotency key has started, or claims the key for this
 * transaction. The lock makes concurrent requests fail fast; the unique index guarantees one generation. Keys expire
 * after 24 hours.
 */
export async function claimKey(
  trx: Kysely<Database>,
  { ownerId, idempotency }: NewGeneration,
): Promise<StartedGeneration | undefined> {
  if (!idempotency) return undefined;
  const { key, fingerprint } = idempotency;
  const { rows: locks } = await sql<{ is_free: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${`turn\n${ownerId}\n${key}`}, 0)) as is_free
  `.execute(trx);
  if (!locks[0]?.is_free)
    throw new AppError('CONFLICT', 'Another request with this Idempotency-Key is in progress.', { retryAfterSeconds: 1 });
  await sql`
    update chat.generations set idempotency_key = null, fingerprint = null
    where owner_id = ${ownerId} and idempotency_key = ${key} and started_at < clock_timestamp() - interval '24 hours'
  `.execute(trx);
  const { rows } = await sql<EarlierGeneration>`
    select id, fingerprint, conversation_id, message_id, user_message_id, is_continuation, first_unit from chat.generations
    where owner_id = ${ownerId} and idempotency_key = ${key}
  `.execute(trx);
  const [earlier] = rows;
  if (!earlier) return undefined;
  if (earlier.fingerprint !== fingerprint) {
    const details = [{ path: 'idempotency-key', message: 'Was used for a different request.' }];
    throw new AppError('VALIDATION_ERROR', 'This Idempotency-Key was used for a different request.', { details });
  }
  return {
    generationId: earlier.id,
    isReplay: true,
    conversation: await readConversation(trx, ownerId, earlier.conversation_id),
    userMessageId: earlier.user_message_id,
    messageId: earlier.message_id,
    isContinuation: earlier.is_continuation,
    messagePosition: earlier.first_unit,
    history: [],
    olderMessages: 0,
  };
}
