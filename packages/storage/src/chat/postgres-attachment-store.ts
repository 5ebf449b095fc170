import { AppError } from '@prodigon/contracts';
import { ATTACHMENT_LIMITS, type Attachment } from '@prodigon/contracts/conversations';
import type { AttachmentStore, StoredAttachment } from '@prodigon/ports';
import { type Kysely, sql } from 'kysely';
import { storableText, translateErrors } from '../create-database.ts';
import type { Database } from '../database-schema.ts';

interface AttachmentRow extends Omit<StoredAttachment, 'created_at'> {
  readonly created_at: Date;
}

const COLUMNS = sql`id, name, kind, media_type, bytes, characters, width, height, sha256, text, created_at`;

/** Creates a store of the rows of attachments in PostgreSQL. */
export function createPostgresAttachmentStore(db: Kysely<Database>): AttachmentStore {
  async function getAll(ownerId: string, ids: readonly string[]): Promise<StoredAttachment[]> {
    const { rows } = await sql<AttachmentRow>`
      select ${COLUMNS} from chat.attachments where id = any(${ids}::uuid[]) and owner_id = ${ownerId}
    `.execute(db);
    const found = new Map(rows.map((row) => [row.id, toStored(row)]));
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  return translateErrors<AttachmentStore>({
    async create(attachment) {
      const { ownerId, sha256 } = attachment;
      return db.transaction().execute(async (trx) => {
        // Waits while the file of an earlier attachment with the same content is being deleted.
        await sql`delete from chat.deleted_files where owner_id = ${ownerId} and sha256 = ${sha256}`.execute(trx);
        // Concurrent uploads must not exceed the maximum.
        await sql`select pg_advisory_xact_lock(hashtextextended(${`attachments\n${ownerId}`}, 0))`.execute(trx);
        const { rows } = await sql<AttachmentRow>`
          insert into chat.attachments (id, owner_id, name, kind, media_type, bytes, characters, width, height, sha256, text)
          select
            ${attachment.id}::uuid, ${ownerId}::text, ${storableText(attachment.name)}::text, ${attachment.kind}::text,
            ${storableText(attachment.media_type)}::text, ${attachment.bytes}::bigint, ${attachment.characters}::int,
            ${attachment.width}::int, ${attachment.height}::int, ${sha256}::text,
            ${attachment.text === null ? null : storableText(attachment.text)}::text
          where ${attachment.bytes}::bigint + (
            select coalesce(sum(bytes), 0) from chat.attachments where owner_id = ${ownerId}
          ) <= ${ATTACHMENT_LIMITS.ownerBytesMax}
          returning ${COLUMNS}
        `.execute(trx);
        const [row] = rows;
        if (!row)
          throw new AppError(
            'INSUFFICIENT_STORAGE',
            `Your attachments have ${ATTACHMENT_LIMITS.ownerBytesMax / 1024 ** 3} GiB, the maximum. Delete conversations with attachments.`,
            { retryable: false },
          );
        return toAttachment(toStored(row));
      });
    },

    async get(ownerId, attachmentId) {
      const [attachment] = await getAll(ownerId, [attachmentId]);
      if (!attachment) throw new AppError('NOT_FOUND', 'The attachment does not exist.');
      return attachment;
    },

    getAll,

    async remove(ownerId, attachmentId) {
      await db.transaction().execute(async (trx) => {
        const { rows } = await sql<{ is_used: boolean }>`
          select exists (select from chat.message_attachments m where m.attachment_id = a.id) as is_used
          from chat.attachments a where a.id = ${attachmentId} and a.owner_id = ${ownerId} for update
        `.execute(trx);
        const [row] = rows;
        if (!row) throw new AppError('NOT_FOUND', 'The attachment does not exist.');
        if (row.is_used) throw new AppError('CONFLICT', 'A message uses this attachment.');
        await sql`delete from chat.attachments where id = ${attachmentId}`.execute(trx);
      });
    },

    async takeDeletedFiles(remove) {
      await sql`
        delete from chat.attachments a
        where a.created_at < now() - interval '1 day'
          and not exists (select from chat.message_attachments m where m.attachment_id = a.id)
      `.execute(db);
      const { rows: files } = await sql<{ ownerId: string; sha256: string }>`
        select owner_id as "ownerId", sha256 from chat.deleted_files order by deleted_at
      `.execute(db);
      for (const file of files) await takeFile(db, file, remove);
    },
  });
}

/** The lock on the row makes an upload of the same content wait, so that its file is written after the deletion. */
async function takeFile(
  db: Kysely<Database>,
  { ownerId, sha256 }: { ownerId: string; sha256: string },
  remove: Parameters<AttachmentStore['takeDeletedFiles']>[0],
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ is_used: boolean }>`
      select exists (
        select from chat.attachments a where a.owner_id = f.owner_id and a.sha256 = f.sha256
      ) as is_used
      from chat.deleted_files f where f.owner_id = ${ownerId} and f.sha256 = ${sha256} for update skip locked
    `.execute(trx);
    const [row] = rows;
    if (!row) return;
    if (!row.is_used) await remove({ ownerId, sha256 });
    await sql`delete from chat.deleted_files where owner_id = ${ownerId} and sha256 = ${sha256}`.execute(trx);
  });
}

function toStored({ created_at, ...row }: AttachmentRow): StoredAttachment {
  return { ...row, created_at: created_at.toISOString() };
}

const toAttachment = ({ sha256: _, text: __, ...attachment }: StoredAttachment): Attachment => attachment;
