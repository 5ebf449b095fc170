import { AppError, ERROR_CODES } from '@prodigon/contracts';
import type { MessagePart } from '@prodigon/contracts/conversations';
import type { GenerationEnd, GenerationHolder } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database-schema.ts';
import { type RunningGeneration, storeEnd } from './generation-end.ts';
import { appendParts } from './message-parts.ts';

/** How long a process holds its generations after its last write. */
export const HOLDER_LEASE_MS = 10_000;

const leaseEnd = sql`clock_timestamp() + ${sql.lit(HOLDER_LEASE_MS)} * interval '1 millisecond'`;

/** SQL that renews the lease of a holder and returns its id. */
export const renewLease = ({ id, url }: GenerationHolder) => sql`
  insert into chat.holders (id, url, lease_expires_at) values (${id}, ${url}, ${leaseEnd})
  on conflict (id) do update set url = excluded.url, lease_expires_at = ${leaseEnd}
  returning id
`;

/** Forgets holders whose leases have expired for a day. A generation of an unknown holder ends like one of an expired lease. */
export async function forgetHolders(db: Kysely<Database>): Promise<void> {
  await sql`delete from chat.holders where lease_expires_at < clock_timestamp() - interval '1 day'`.execute(db);
}

/**
 * Ends the generations of the owner whose holders have lost their leases, as interrupted with the text so far. The lock on the
 * holder makes a concurrent renewal of the lease wait: either the holder continues, or its later writes are rejected.
 */
export async function endOrphanedGenerations(db: Kysely<Database>, ownerId: string): Promise<void> {
  const { rows } = await sql`
    select from chat.generations g left join chat.holders h on h.id = g.holder_id
    where g.owner_id = ${ownerId} and g.completed_at is null
      and (h.lease_expires_at is null or h.lease_expires_at < clock_timestamp())
    limit 1
  `.execute(db);
  if (rows.length > 0) await db.transaction().execute((trx) => endAll(trx, ownerId));
}

async function endAll(trx: Kysely<Database>, ownerId: string): Promise<void> {
  // A lease that a concurrent write has renewed meanwhile is not in the result.
  await sql`
    select from chat.holders
    where id in (select holder_id from chat.generations where owner_id = ${ownerId} and completed_at is null)
      and lease_expires_at < now()
    order by id for update
  `.execute(trx);
  await sql`
    select from chat.conversations
    where id in (
      select g.conversation_id from chat.generations g left join chat.holders h on h.id = g.holder_id
      where g.owner_id = ${ownerId} and g.completed_at is null
        and (h.lease_expires_at is null or h.lease_expires_at < now())
    )
    order by id for no key update
  `.execute(trx);
  const { rows } = await sql<RunningGeneration>`
    select g.id, g.conversation_id, g.message_id, g.is_continuation, g.first_unit, g.model
    from chat.generations g
    where g.owner_id = ${ownerId} and g.completed_at is null
      and not exists (select from chat.holders h where h.id = g.holder_id and h.lease_expires_at >= now())
    order by g.id for no key update
  `.execute(trx);
  for (const generation of rows) {
    await storeEnd(trx, generation, await interruptedEnd(trx, generation), { isOrphaned: true });
  }
}

async function interruptedEnd(trx: Kysely<Database>, { id, model }: RunningGeneration): Promise<GenerationEnd> {
  const { code, message } = new AppError('RESPONSE_INTERRUPTED');
  return {
    status: 'interrupted',
    parts: await readDeltas(trx, id),
    model,
    provider: null,
    usage: null,
    estimated: false,
    costUsd: null,
    finishReason: null,
    ttftMs: null,
    latencyMs: null,
    attempts: 0,
    error: { code, message, retryable: ERROR_CODES.RESPONSE_INTERRUPTED.retryable },
  };
}

async function readDeltas(db: Kysely<Database>, generationId: string): Promise<MessagePart[]> {
  const { rows } = await sql<{ parts: MessagePart[] }>`
    select parts from chat.generation_deltas where generation_id = ${generationId} order by position
  `.execute(db);
  return joinDeltas(rows.map(({ parts }) => parts));
}

/** Returns the parts of deltas in the order of their positions. */
export function joinDeltas(deltas: readonly MessagePart[][]): MessagePart[] {
  return deltas.reduce<MessagePart[]>((parts, delta) => appendParts(parts, delta), []);
}
