import { openChatStorage } from '@prodigon/storage';
import { createTestDatabase } from '@prodigon/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAttachmentService } from '../attachments/attachment-service.ts';
import { createMemoryFiles } from '../attachments/attachments.test-support.ts';
import { BROKEN, chatGptConversation, type ExportShape } from './chatgpt-export.test-support.ts';
import { setUpImport } from './import.test-support.ts';
import { createZip } from './zip.test-support.ts';

async function openStorage() {
  const database = await createTestDatabase({ isMigrated: true });
  const storage = openChatStorage({ DATABASE_URL: database.url, DATA_DIR: '' });
  onTestFinished(async () => {
    await storage.close();
    await database.drop();
  });
  return storage;
}

const COUNT = 1_000;

function createExport(shape: ExportShape) {
  const generated = Array.from({ length: COUNT }, (_, number) => chatGptConversation(number, shape));
  const entries: object[] = [...generated.map(({ value }) => value), ...Object.values(BROKEN)];
  const files = Array.from({ length: 50 }, (_, file) => entries.filter((_entry, index) => index % 50 === file));
  const file =
    shape === 'single'
      ? Buffer.from(JSON.stringify(entries))
      : createZip(files.map((content, index) => ({ name: `conversations-${index}.json`, content: JSON.stringify(content) })));
  return { file, shownTexts: new Map(generated.map(({ shownText }, number) => [`Conversation ${number}`, shownText])) };
}

describe('import into PostgreSQL', () => {
  it.each(['single', 'sharded'] as const)('shows the chosen branch of each of 1,000 conversations: %s', async (shape) => {
    const { conversations } = await openStorage();
    const { run } = await setUpImport(conversations.importOne);
    const { file, shownTexts } = createExport(shape);
    const report = await run(file);
    expect(report).toMatchObject({ imported: COUNT, unchanged: 0, failed: Object.keys(BROKEN).length });
    expect(report.failures.map(({ title }) => title).sort()).toEqual(Object.keys(BROKEN).sort());
    for (const { id, title } of report.conversations) {
      const { messages } = await conversations.get('ada', id, { limit: 1 });
      expect(messages.at(-1)?.content).toBe(shownTexts.get(title));
      expect(messages.at(-1)?.sibling_ids).toHaveLength(2);
    }
  });

  it('stores long and hostile text', async () => {
    const { conversations } = await openStorage();
    const { run } = await setUpImport(conversations.importOne);
    const words = Array.from({ length: 300_000 }, (_, index) => `word${index}`).join(' ');
    const text = `${words}\0\ud800`;
    const report = await run([{ uuid: 'c', name: '', chat_messages: [{ uuid: '\0', sender: 'human', text }] }]);
    expect(report).toMatchObject({ imported: 1, replaced_characters: 2 });
    const { messages } = await conversations.get('ada', report.conversations[0]?.id ?? '', {});
    expect(messages[0]?.content).toBe(`${words}\ufffd\ufffd`);
  });

  it('stores attachments and removes the files of deleted ones', async () => {
    const { attachments } = await openStorage();
    const files = createMemoryFiles();
    const service = createAttachmentService({ attachments, files, readPdfText: async () => '' });
    const { signal } = new AbortController();
    const file = { name: 'a.txt', bytes: Buffer.from('content') };
    const [first, second] = [await service.create('ada', file, signal), await service.create('ada', file, signal)];
    await service.remove('ada', first.id);
    await attachments.takeDeletedFiles(({ ownerId, sha256 }) => files.remove(ownerId, sha256));
    expect(Buffer.from((await service.content('ada', second.id)).bytes).toString()).toBe('content');
    await service.remove('ada', second.id);
    await attachments.takeDeletedFiles(({ ownerId, sha256 }) => files.remove(ownerId, sha256));
    expect(files.stored.size).toBe(0);
  });
});
