import { createHash } from 'node:crypto';
import { AppError } from '@prodigon/contracts';
import type { MessagePart } from '@prodigon/contracts/conversations';
import type { ImportedConversation, ImportedMessage } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import { storableText } from '../create-database.ts';
import type { Database } from '../database-schema.ts';
import { storableJson } from './message-parts.ts';
import { assertRoom } from './start-generation.ts';

const MESSAGES_PER_INSERT = 500;

/**
 * Stores a conversation of a file. A later import of the same conversation adds the messages that are new in the file, and
 * keeps what the user has changed since.
 */
export function importConversation(
  db: Kysely<Database>,
  ownerId: string,
  conversation: ImportedConversation,
): Promise<{ conversationId: string; isUnchanged: boolean }> {
  const conversationId = idOf(ownerId, conversation.sourceId);
  const hash = createHash('sha256').update(JSON.stringify(conversation)).digest();
  return db.transaction().execute(async (trx) => {
    const isNew = await insertConversation(trx, { ownerId, conversationId, conversation });
    const { rows } = await sql<{ import_hash: Buffer | null; active_message_id: string | null }>`
      select import_hash, active_message_id from chat.conversations where id = ${conversationId} for no key update
    `.execute(trx);
    const earlier = rows[0];
    if (earlier?.import_hash?.equals(hash)) return { conversationId, isUnchanged: true };
    const ids = new Map(conversation.messages.map(({ sourceId }) => [sourceId, idOf(ownerId, conversation.sourceId, sourceId)]));
    const added = await insertMessages(trx, { ownerId, conversationId, conversation, ids });
    const last = ids.get(conversation.activeSourceId ?? conversation.messages.at(-1)?.sourceId ?? '') ?? null;
    // A branch that the user has started after the earlier import stays the active one.
    const earlierActive = earlier?.active_message_id ?? null;
    const isOwnBranch = !isNew && earlierActive !== null && ![...ids.values()].includes(earlierActive);
    await sql`
      update chat.conversations set
        import_hash = ${hash}, active_message_id = ${isOwnBranch ? earlierActive : last},
        message_count = message_count + ${added}::int
      where id = ${conversationId}
    `.execute(trx);
    const { rows: counts } = await sql<{ message_count: number }>`
      select message_count from chat.conversations where id = ${conversationId}
    `.execute(trx);
    assertRoom(counts[0]?.message_count ?? 0);
    return { conversationId, isUnchanged: false };
  });
}

/** Returns a UUID that depends only on the arguments. */
function idOf(...names: readonly string[]): string {
  const bytes = createHash('sha256').update(JSON.stringify(names)).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

interface ImportTarget {
  readonly ownerId: string;
  readonly conversationId: string;
  readonly conversation: ImportedConversation;
}

/** Returns false if an earlier import has stored the conversation. */
async function insertConversation(
  trx: Kysely<Database>,
  { ownerId, conversationId, conversation }: ImportTarget,
): Promise<boolean> {
  const latest = conversation.updated_at ?? conversation.messages.at(-1)?.created_at ?? conversation.created_at;
  const { rows } = await sql`
    insert into chat.conversations (
      id, owner_id, title, title_source, system_prompt, model, tags, archived, pinned, created_at, updated_at
    ) values (
      ${conversationId}, ${ownerId}, ${storableText(conversation.title)}, 'import',
      ${conversation.system_prompt === undefined ? null : storableText(conversation.system_prompt)},
      ${conversation.model === undefined ? null : storableText(conversation.model)},
      ${[...new Set((conversation.tags ?? []).map(storableText))]}, ${conversation.archived ?? false},
      ${conversation.pinned ?? false}, coalesce(${conversation.created_at}::timestamptz, now()),
      least(coalesce(${latest}::timestamptz, now()), now())
    ) on conflict (id) do nothing returning id
  `.execute(trx);
  return rows.length > 0;
}

/** Inserts the messages that are not there yet. Returns their number. */
async function insertMessages(
  trx: Kysely<Database>,
  { ownerId, conversationId, conversation, ids }: ImportTarget & { readonly ids: ReadonlyMap<string, string> },
): Promise<number> {
  const attachmentIds = await findAttachments(trx, ownerId, conversation.messages);
  const { rows } = await sql<{ next: number }>`
    select coalesce(max(position) + 1, 0) as next from chat.messages where conversation_id = ${conversationId}
  `.execute(trx);
  const depths = new Map<string, number>();
  const records = conversation.messages.map((message, index) => {
    const { sourceId, parentSourceId, parts, status = 'done', created_at, ...rest } = message;
    const parentDepth = parentSourceId === null ? -1 : depths.get(parentSourceId);
    if (parentDepth === undefined)
      throw new AppError('VALIDATION_ERROR', 'A message of the conversation precedes the message that it follows.');
    depths.set(sourceId, parentDepth + 1);
    return storableJson({
      ...rest,
      id: ids.get(sourceId),
      parent_id: parentSourceId === null ? null : ids.get(parentSourceId),
      position: (rows[0]?.next ?? 0) + index,
      depth: parentDepth + 1,
      parts: parts.map((part) => withKnownAttachment(part, attachmentIds)),
      status: status === 'streaming' ? 'interrupted' : status,
      created_at: created_at ?? conversation.created_at,
    });
  });
  let added = 0;
  for (let start = 0; start < records.length; start += MESSAGES_PER_INSERT) {
    const batch = JSON.stringify(records.slice(start, start + MESSAGES_PER_INSERT));
    const { rows: inserted } = await sql`
      insert into chat.messages (
        id, conversation_id, owner_id, parent_id, position, depth, role, parts, status, model, provider, usage, cost_usd, meta,
        created_at, completed_at
      )
      select
        id, ${conversationId}::uuid, ${ownerId}::text, parent_id, position, depth, role, parts, status, model, provider, usage,
        cost_usd, meta, coalesce(created_at, now()), coalesce(completed_at, created_at, now())
      from json_to_recordset(${batch}::json) as message(
        id uuid, parent_id uuid, position int, depth int, role text, parts json, status text, model text, provider text,
        usage json, cost_usd numeric, meta json, created_at timestamptz, completed_at timestamptz
      )
      on conflict (id) do nothing returning id
    `.execute(trx);
    added += inserted.length;
  }
  await linkAttachments(trx, ownerId, records);
  return added;
}

const attachmentIdsOf = (parts: readonly MessagePart[]) =>
  parts.flatMap((part) => (part.type === 'attachment' ? (part.attachment_id ?? []) : []));

/** Returns those of the attachments that belong to the owner. */
async function findAttachments(
  trx: Kysely<Database>,
  ownerId: string,
  messages: readonly ImportedMessage[],
): Promise<ReadonlySet<string>> {
  const ids = messages.flatMap(({ parts }) => attachmentIdsOf(parts));
  if (ids.length === 0) return new Set();
  const { rows } = await sql<{ id: string }>`
    select id from chat.attachments where id = any(${ids}::uuid[]) and owner_id = ${ownerId} for key share
  `.execute(trx);
  return new Set(rows.map(({ id }) => id));
}

function withKnownAttachment(part: MessagePart, known: ReadonlySet<string>): MessagePart {
  if (part.type !== 'attachment' || part.attachment_id === null || known.has(part.attachment_id)) return part;
  return { ...part, attachment_id: null };
}

async function linkAttachments(
  trx: Kysely<Database>,
  ownerId: string,
  records: readonly { readonly id: string | undefined; readonly parts: readonly MessagePart[] }[],
): Promise<void> {
  const links = records.flatMap(({ id, parts }) => attachmentIdsOf(parts).map((attachmentId) => [id, attachmentId] as const));
  if (links.length === 0) return;
  await sql`
    insert into chat.message_attachments (message_id, attachment_id, owner_id)
    select message_id, attachment_id, ${ownerId}::text
    from unnest(${links.map(([id]) => id)}::uuid[], ${links.map(([, id]) => id)}::uuid[]) as link(message_id, attachment_id)
    on conflict do nothing
  `.execute(trx);
}
