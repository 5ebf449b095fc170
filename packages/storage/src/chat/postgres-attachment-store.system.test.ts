import { createHash, randomUUID, randomUUIDv7 } from 'node:crypto';
import { AppError } from '@prodigon/contracts';
import { ATTACHMENT_LIMITS } from '@prodigon/contracts/conversations';
import type { NewAttachment } from '@prodigon/ports';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { openChatDatabase } from './chat-database.test-support.ts';
import { createPostgresAttachmentStore } from './postgres-attachment-store.ts';

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'fulfilled',
    (thrown: unknown) => AppError.from(thrown).code,
  );

async function openAttachments() {
  const chat = await openChatDatabase();
  const attachments = createPostgresAttachmentStore(chat.db);
  async function upload(content: string, changes: Partial<NewAttachment> = {}): Promise<string> {
    const sha256 = createHash('sha256').update(content).digest('hex');
    const { id } = await attachments.create({
      id: randomUUIDv7(),
      ownerId: 'ada',
      name: 'notes.txt',
      kind: 'text',
      media_type: 'text/plain',
      bytes: content.length,
      characters: content.length,
      width: null,
      height: null,
      sha256,
      text: content,
      ...changes,
    });
    return id;
  }
  /** Takes the deleted files. Returns their contents' hashes. */
  async function takeFiles(): Promise<string[]> {
    const files: string[] = [];
    await attachments.takeDeletedFiles(async ({ ownerId, sha256 }) => void files.push(`${ownerId} ${sha256.slice(0, 8)}`));
    return files;
  }
  return { ...chat, attachments, upload, takeFiles };
}

const fileOf = (content: string, ownerId = 'ada') =>
  `${ownerId} ${createHash('sha256').update(content).digest('hex').slice(0, 8)}`;

it('stores an attachment and returns it only to its owner', async () => {
  const { attachments, upload } = await openAttachments();
  const [first, second] = [await upload('one\0'), await upload('two')];
  expect(await attachments.get('ada', first)).toMatchObject({ name: 'notes.txt', bytes: 4, text: 'one\ufffd', kind: 'text' });
  expect((await attachments.getAll('ada', [second, randomUUID(), first])).map(({ id }) => id)).toEqual([second, first]);
  for (const id of [first, randomUUID()]) {
    expect(await codeOf(attachments.get('bob', id))).toBe('NOT_FOUND');
    expect(await codeOf(attachments.remove('bob', id))).toBe('NOT_FOUND');
  }
  expect(await attachments.getAll('bob', [first])).toEqual([]);
});

it('puts attachments into a question and keeps them while a message uses them', async () => {
  const { attachments, upload, takeFiles, conversations, ask } = await openAttachments();
  const id = await upload('one');
  const { id: first } = await conversations.create('ada', {});
  const { id: second } = await conversations.create('ada', {});
  const { userMessageId } = await ask('ada', first, { content: 'Read this', attachment_ids: [id, id] });
  await ask('ada', second, { content: 'Again', attachment_ids: [id] });
  const { messages } = await conversations.get('ada', first, {});
  expect(messages[0]).toMatchObject({
    content: 'Read this',
    parts: [{ type: 'attachment', attachment_id: id, name: 'notes.txt', media_type: 'text/plain', bytes: 3 }, { type: 'text' }],
  });
  expect(await codeOf(attachments.remove('ada', id))).toBe('CONFLICT');
  await conversations.removeMessage('ada', first, userMessageId ?? '');
  expect((await attachments.get('ada', id)).id).toBe(id);
  expect(await takeFiles()).toEqual([]);
  await conversations.remove('ada', second);
  expect(await codeOf(attachments.get('ada', id))).toBe('NOT_FOUND');
  expect(await takeFiles()).toEqual([fileOf('one')]);
  expect(await takeFiles()).toEqual([]);
});

it('keeps a file that another attachment of the owner uses, and deletes that of each owner', async () => {
  const { attachments, upload, takeFiles } = await openAttachments();
  const [first, second, foreign] = [await upload('one'), await upload('one'), await upload('one', { ownerId: 'bob' })];
  await attachments.remove('ada', first);
  await attachments.remove('bob', foreign);
  expect(await takeFiles()).toEqual([fileOf('one', 'bob')]);
  await attachments.remove('ada', second);
  expect(await takeFiles()).toEqual([fileOf('one')]);
});

it('remembers a file whose deletion fails', async () => {
  const { attachments, upload, takeFiles } = await openAttachments();
  await attachments.remove('ada', await upload('one'));
  const failing = attachments.takeDeletedFiles(() => Promise.reject(new AppError('INSUFFICIENT_STORAGE')));
  expect(await codeOf(failing)).toBe('INSUFFICIENT_STORAGE');
  expect(await takeFiles()).toEqual([fileOf('one')]);
});

it('makes an upload of the same content wait for the deletion of its file', async () => {
  const { attachments, upload } = await openAttachments();
  await attachments.remove('ada', await upload('one'));
  const events: string[] = [];
  let uploaded: Promise<unknown> | undefined;
  await attachments.takeDeletedFiles(async () => {
    uploaded = upload('one').then(() => events.push('uploaded'));
    // Another upload of the owner does not wait. It shows that the first one would have had the time.
    await upload('two');
    events.push('deleted');
  });
  await uploaded;
  expect(events).toEqual(['deleted', 'uploaded']);
});

it('deletes attachments that no message has used for a day', async () => {
  const { attachments, upload, takeFiles, conversations, ask, db } = await openAttachments();
  const [old, used] = [await upload('old'), await upload('used')];
  const { id } = await conversations.create('ada', {});
  await ask('ada', id, { content: 'x', attachment_ids: [used] });
  await sql`update chat.attachments set created_at = now() - interval '25 hours'`.execute(db);
  const recent = await upload('recent');
  expect(await takeFiles()).toEqual([fileOf('old')]);
  expect((await attachments.getAll('ada', [old, used, recent])).map((attachment) => attachment.id)).toEqual([used, recent]);
});

it('limits the bytes of the attachments of one owner', async () => {
  const { upload } = await openAttachments();
  await upload('one', { bytes: ATTACHMENT_LIMITS.ownerBytesMax - 1 });
  expect(await codeOf(upload('two', { bytes: 2 }))).toBe('INSUFFICIENT_STORAGE');
  await upload('three', { bytes: 2, ownerId: 'bob' });
  await upload('four', { bytes: 1 });
});
