import { TEMPLATE_LIMITS } from '@prodigon/contracts/conversations';
import type { ConversationChange } from '@prodigon/ports';
import { createTestDatabase, startTestPostgres } from '@prodigon/testing';
import { sql } from 'kysely';
import { expect, it, onTestFinished, vi } from 'vitest';
import { LIST, openChatDatabase } from './chat-database.test-support.ts';
import { openChatStorage } from './open-chat-storage.ts';
import { createPostgresPromptTemplateStore } from './postgres-prompt-template-store.ts';

const WAIT = { timeout: 20_000, interval: 10 };

function open(DATABASE_URL: string | undefined) {
  const storage = openChatStorage({ DATABASE_URL, DATA_DIR: '.prodigon' });
  onTestFinished(() => storage.close());
  return storage;
}

async function openMigrated() {
  const { url, drop } = await createTestDatabase({ isMigrated: true });
  onTestFinished(drop);
  return open(url);
}

async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const all: Value[] = [];
  for await (const value of values) all.push(value);
  return all;
}

it('migrates the database on first use, also for an export', async () => {
  const { url, drop } = await createTestDatabase();
  onTestFinished(drop);
  expect(await collect(open(url).conversations.exportAll('ada'))).toEqual([]);
  expect(await open(url).conversations.list('ada', LIST)).toEqual({ conversations: [], nextAfter: null });
});

it('rejects every call with one sentence when there is no database', async () => {
  const { conversations, generations, attachments, templates, changeFeed, check } = open(undefined);
  const unavailable = {
    code: 'SERVICE_UNAVAILABLE',
    message: 'Conversations are not stored: this service has no DATABASE_URL.',
  };
  for (const { exportAll: _, ...store } of [conversations, generations, attachments, templates].map((port) => ({
    exportAll: undefined,
    ...port,
  }))) {
    for (const method of Object.values<() => Promise<unknown>>(store as never))
      await expect(method()).rejects.toMatchObject(unavailable);
  }
  await expect(collect(conversations.exportAll('ada'))).rejects.toMatchObject(unavailable);
  expect(changeFeed.isConnected).toBe(false);
  changeFeed.subscribe(() => {})();
  expect(check).toBeUndefined();
});

it('reports that the database is unreachable, and recovers', async () => {
  const server = await startTestPostgres();
  onTestFinished(() => server.close());
  await server.stop('immediate');
  const { conversations } = open(server.url);
  const unavailable = { code: 'SERVICE_UNAVAILABLE', message: 'The database is unreachable.' };
  await expect(conversations.list('ada', LIST)).rejects.toMatchObject(unavailable);
  await server.restart();
  expect((await conversations.list('ada', LIST)).conversations).toEqual([]);
});

it('announces conversations that are created, changed and deleted', async () => {
  const { conversations, changeFeed } = await openMigrated();
  const announced = vi.fn<(change: ConversationChange | undefined) => void>();
  changeFeed.subscribe(announced);
  await vi.waitFor(() => expect(changeFeed.isConnected).toBe(true), WAIT);
  const { id } = await conversations.create('team/ada', {});
  const expectChange = async () => {
    await vi.waitFor(() => expect(announced).toHaveBeenCalledWith({ ownerId: 'team/ada', conversationId: id }), WAIT);
    announced.mockClear();
  };
  await expectChange();
  await conversations.addMessage('team/ada', id, { role: 'user', content: 'Hello' });
  await expectChange();
  await conversations.share('team/ada', id, Buffer.alloc(32));
  await expectChange();
  await conversations.remove('team/ada', id);
  await expectChange();
});

it('stores prompt templates of each owner by name', async () => {
  const { templates } = await openMigrated();
  const b = await templates.create('ada', { name: 'B', content: 'Explain {{topic}}', kind: 'question' });
  const a = await templates.create('ada', { name: 'A', content: 'Be brief.', kind: 'system' });
  await templates.create('bob', { name: 'C', content: 'x', kind: 'question' });
  expect(await templates.list('ada')).toEqual([a, b]);
  const changed = await templates.update('ada', b.id, { name: 'Z' });
  expect(changed).toMatchObject({ name: 'Z', content: 'Explain {{topic}}', created_at: b.created_at });
  await expect(templates.update('bob', b.id, { name: 'Mine' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(templates.remove('bob', b.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await templates.remove('ada', a.id);
  expect(await templates.list('ada')).toEqual([changed]);
});

it('limits the prompt templates of an owner, also for concurrent requests', async () => {
  const { db } = await openChatDatabase();
  const templates = createPostgresPromptTemplateStore(db);
  const template = { name: 'x', content: 'x', kind: 'question' } as const;
  await sql`
    insert into chat.prompt_templates (id, owner_id, name, content, kind)
    select gen_random_uuid(), 'ada', 'x', 'x', 'question' from generate_series(3, ${TEMPLATE_LIMITS.perOwnerMax}::int)
  `.execute(db);
  const results = await Promise.allSettled([1, 2, 3, 4].map(() => templates.create('ada', template)));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'CONFLICT' } });
});
