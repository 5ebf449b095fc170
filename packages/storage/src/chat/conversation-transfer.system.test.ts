import { createHash } from 'node:crypto';
import { AppError } from '@prodigon/contracts';
import type { ExportedConversation } from '@prodigon/contracts/conversations';
import type { ImportedConversation } from '@prodigon/ports';
import { expect, it } from 'vitest';
import { endOf, openChatDatabase, text } from './chat-database.test-support.ts';

const hashOf = (token: string) => createHash('sha256').update(token).digest();
const rejected = (code: string) => expect.objectContaining({ code }) as unknown;
const catchError = (promise: Promise<unknown>) => promise.catch((thrown: unknown) => AppError.from(thrown));

async function collect(values: AsyncIterable<ExportedConversation>): Promise<ExportedConversation[]> {
  const all: ExportedConversation[] = [];
  for await (const value of values) all.push(value);
  return all;
}

const IMPORTED: ImportedConversation = {
  sourceId: 'chatgpt:1',
  title: 'Imported\0',
  archived: true,
  tags: ['old'],
  created_at: '2024-01-02T03:04:05.678Z',
  updated_at: '2024-02-03T04:05:06.789Z',
  messages: [
    { sourceId: 'a', parentSourceId: null, role: 'user', parts: [text('Question')], created_at: '2024-01-02T03:04:06.000Z' },
    { sourceId: 'b', parentSourceId: 'a', role: 'assistant', parts: [text('First')], created_at: null, model: 'gpt-4' },
    {
      sourceId: 'c',
      parentSourceId: 'a',
      role: 'assistant',
      parts: [text('Second\ud800')],
      created_at: null,
      status: 'streaming',
    },
  ],
  activeSourceId: 'b',
};

it('imports a conversation once, with its branches, times and the chosen branch', async () => {
  const { conversations } = await openChatDatabase();
  const { conversationId, isUnchanged } = await conversations.importOne('ada', IMPORTED);
  expect(isUnchanged).toBe(false);
  expect(await conversations.importOne('ada', IMPORTED)).toEqual({ conversationId, isUnchanged: true });
  const { messages, ...conversation } = await conversations.get('ada', conversationId, {});
  expect(conversation).toMatchObject({ title: 'Imported\ufffd', title_source: 'import', archived: true, tags: ['old'] });
  expect(conversation).toMatchObject({ created_at: IMPORTED.created_at, updated_at: IMPORTED.updated_at });
  expect(messages).toMatchObject([{ content: 'Question' }, { content: 'First', model: 'gpt-4', status: 'done' }]);
  expect(messages[1]?.sibling_ids).toHaveLength(2);
  const [exported] = await collect(conversations.exportAll('ada'));
  expect(exported?.messages[2]).toMatchObject({ content: 'Second\ufffd', status: 'interrupted' });
  expect((await conversations.importOne('bob', IMPORTED)).conversationId).not.toBe(conversationId);
});

it('adds what is new in a later file and keeps what the user has added', async () => {
  const { conversations } = await openChatDatabase();
  const { conversationId } = await conversations.importOne('ada', IMPORTED);
  const later: ImportedConversation = {
    ...IMPORTED,
    messages: [
      ...IMPORTED.messages,
      { sourceId: 'd', parentSourceId: 'b', role: 'user', parts: [text('More')], created_at: null },
    ],
    activeSourceId: 'd',
  };
  await conversations.importOne('ada', later);
  const contents = async () => (await conversations.get('ada', conversationId, {})).messages.map(({ content }) => content);
  expect(await contents()).toEqual(['Question', 'First', 'More']);
  await conversations.addMessage('ada', conversationId, { role: 'assistant', content: 'Mine' });
  await conversations.importOne('ada', { ...later, title: 'Renamed there' });
  expect(await contents()).toEqual(['Question', 'First', 'More', 'Mine']);
});

it('rejects an import whose message precedes its parent, and stores nothing of it', async () => {
  const { conversations } = await openChatDatabase();
  const broken = { ...IMPORTED, messages: IMPORTED.messages.toReversed() };
  expect(await catchError(conversations.importOne('ada', broken))).toEqual(rejected('VALIDATION_ERROR'));
  expect(await collect(conversations.exportAll('ada'))).toEqual([]);
});

it('imports a conversation with more messages than one statement inserts', async () => {
  const { conversations } = await openChatDatabase();
  const messages = Array.from({ length: 1_203 }, (_, index) => ({
    sourceId: `${index}`,
    parentSourceId: index === 0 ? null : `${index - 1}`,
    role: 'user' as const,
    parts: [text(`message ${index}`)],
    created_at: null,
  }));
  const { conversationId } = await conversations.importOne('ada', { ...IMPORTED, messages, activeSourceId: null });
  const stored = await conversations.get('ada', conversationId, {});
  expect(stored.messages.map(({ content }) => content)).toEqual(messages.map((_, index) => `message ${index}`));
});

it('exports all conversations of the owner, oldest first, or one', async () => {
  const { conversations, ask } = await openChatDatabase();
  const first = await conversations.create('ada', { title: 'First' });
  await conversations.create('ada', { title: 'Second' });
  await conversations.create('bob', { title: 'Foreign' });
  const { messageId } = await ask('ada', first.id, { content: 'Question' });
  await ask('ada', first.id, { regenerate: messageId }, 'No.');
  const all = await collect(conversations.exportAll('ada'));
  expect(all.map(({ conversation }) => conversation.title)).toEqual(['First', 'Second']);
  expect(all[0]?.messages.map(({ content }) => content)).toEqual(['Question', 'Yes.', 'No.']);
  expect(await collect(conversations.exportAll('ada', first.id))).toEqual(all.slice(0, 1));
  expect(await catchError(collect(conversations.exportAll('bob', first.id)))).toEqual(rejected('CONVERSATION_NOT_FOUND'));
});

it('shares the active path as it was, until the link is revoked', async () => {
  const { conversations, ask } = await openChatDatabase();
  const { id } = await conversations.create('ada', { title: 'Shared', system_prompt: 'Secret' });
  await conversations.addMessage('ada', id, { role: 'system', content: 'Secret too' });
  await ask('ada', id, { content: 'Question' });
  const { createdAt } = await conversations.share('ada', id, hashOf('one'));
  const shared = await conversations.getShared(hashOf('one'));
  await ask('ada', id, { content: 'Later' });
  expect(await conversations.getShared(hashOf('one'))).toEqual(shared);
  expect(shared).toMatchObject({
    title: 'Shared',
    shared_at: createdAt,
    messages: [
      { role: 'user', parts: [text('Question')] },
      { role: 'assistant', parts: [text('Yes.')], status: 'done', model: 'prodigon-sim' },
    ],
  });
  expect(JSON.stringify(shared)).not.toMatch(/ada|Secret/);
  expect((await conversations.get('ada', id, {})).shared).toBe(true);
  await conversations.share('ada', id, hashOf('two'));
  expect(await catchError(conversations.getShared(hashOf('one')))).toEqual(rejected('NOT_FOUND'));
  expect((await conversations.getShared(hashOf('two'))).messages).toHaveLength(4);
  expect(await catchError(conversations.unshare('bob', id))).toEqual(rejected('CONVERSATION_NOT_FOUND'));
  expect(await catchError(conversations.share('bob', id, hashOf('bob')))).toEqual(rejected('CONVERSATION_NOT_FOUND'));
  await conversations.unshare('ada', id);
  expect(await catchError(conversations.getShared(hashOf('two')))).toEqual(rejected('NOT_FOUND'));
  expect((await conversations.get('ada', id, {})).shared).toBe(false);
});

it('leaves a response that the model still writes out of a shared conversation', async () => {
  const { conversations, generations, holder, start } = await openChatDatabase();
  const { id } = await conversations.create('ada', {});
  const { generationId } = await start('ada', id, { content: 'Question' });
  await conversations.share('ada', id, hashOf('one'));
  await generations.finish(holder, generationId, endOf([text('Answer')]));
  expect((await conversations.getShared(hashOf('one'))).messages).toHaveLength(1);
});
