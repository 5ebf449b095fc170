import { randomUUIDv7 } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openChatStorage } from '@prodigon/storage';
import { createTestDatabase } from '@prodigon/testing';
import { expect, it, onTestFinished } from 'vitest';
import { restoreBackup } from './restore-backup.ts';
import { writeBackup } from './write-backup.ts';

async function createDatabase(): Promise<string> {
  const { url, drop } = await createTestDatabase({ isMigrated: true });
  onTestFinished(drop);
  return url;
}

it('restores conversations, and interrupts responses that were running', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-backup-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'chat.backup');
  const [from, to] = [await createDatabase(), await createDatabase()];
  const source = openChatStorage({ DATABASE_URL: from, DATA_DIR: folder });
  onTestFinished(() => source.close());
  const holder = { id: 'gateway', url: 'http://127.0.0.1:1' };
  const generationId = randomUUIDv7();
  const { id: conversationId } = await source.conversations.create('ada', { title: 'Kept' });
  const ids = { generationId, ownerId: 'ada', conversationId, requestId: 'request-1' };
  await source.generations.start(holder, { ...ids, model: 'prodigon-sim', turn: { content: 'A \u{1f600} question' } });
  await source.generations.write(holder, [{ generationId, position: 0, parts: [{ type: 'text', text: 'So far' }] }]);
  await writeBackup({ url: from, target: path });
  await restoreBackup({ url: to, path, replace: false });
  const restored = openChatStorage({ DATABASE_URL: to, DATA_DIR: folder });
  onTestFinished(() => restored.close());
  expect(await restored.conversations.get('ada', conversationId, {})).toMatchObject({
    title: 'Kept',
    messages: [
      { content: 'A \u{1f600} question', status: 'done' },
      { content: 'So far', status: 'interrupted' },
    ],
  });
  expect((await restored.conversations.search('ada', { q: 'question', limit: 1 })).results).toHaveLength(1);
});
