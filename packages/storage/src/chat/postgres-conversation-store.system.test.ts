import { randomUUID } from 'node:crypto';
import { AppError } from '@prodigon/contracts';
import { CONVERSATION_LIMITS } from '@prodigon/contracts/conversations';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { LIST, openChatDatabase } from './chat-database.test-support.ts';

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'fulfilled',
    (thrown: unknown) => AppError.from(thrown).code,
  );

it('creates a conversation with its options and reads it', async () => {
  const { conversations } = await openChatDatabase();
  const options = { system_prompt: 'Be brief.', model: 'prodigon-sim', max_tokens: 100, temperature: 0.5 };
  const created = await conversations.create('ada', { title: 'Leases', tags: ['work', 'work'], ...options });
  expect(created).toMatchObject({ title: 'Leases', title_source: 'user', tags: ['work'], generating: false, shared: false });
  expect(created).toMatchObject(options);
  expect(await conversations.get('ada', created.id, {})).toEqual({ ...created, messages: [], has_earlier: false });
  expect(await conversations.create('ada', {})).toMatchObject({ title: '', title_source: 'none', active_message_id: null });
});

it('lists by the latest message, in pages that repeat and omit nothing', async () => {
  const { conversations, db } = await openChatDatabase();
  const ids: string[] = [];
  for (let index = 0; index < 7; index++) ids.push((await conversations.create('ada', {})).id);
  await conversations.create('bob', {});
  // Equal times: the id decides.
  await sql`update chat.conversations set updated_at = '2026-01-01T00:00:00.123Z' where owner_id = 'ada'`.execute(db);
  await conversations.addMessage('ada', ids[2] ?? '', { role: 'user', content: 'Hello' });
  const found: string[] = [];
  let after: string | undefined;
  do {
    const page = await conversations.list('ada', { ...LIST, limit: 3, after });
    found.push(...page.conversations.map(({ id }) => id));
    after = page.nextAfter ?? undefined;
  } while (after !== undefined);
  expect(found).toEqual([ids[2], ...ids.filter((_, index) => index !== 2).reverse()]);
  expect(await codeOf(conversations.list('ada', { ...LIST, after: 'nonsense' }))).toBe('VALIDATION_ERROR');
});

it('filters the list by archived, pinned and tag', async () => {
  const { conversations } = await openChatDatabase();
  const create = async (changes: Parameters<typeof conversations.update>[2]) => {
    const { id } = await conversations.create('ada', {});
    await conversations.update('ada', id, changes);
    return id;
  };
  const archived = await create({ archived: true });
  const pinned = await create({ pinned: true });
  const tagged = await create({ tags: ['work'] });
  const idsOf = async (query: object) =>
    (await conversations.list('ada', { ...LIST, ...query })).conversations.map(({ id }) => id);
  expect(await idsOf({})).toEqual([tagged, pinned]);
  expect(await idsOf({ archived: 'true' })).toEqual([archived]);
  expect(await idsOf({ archived: 'all' })).toEqual([tagged, pinned, archived]);
  expect(await idsOf({ pinned: 'true' })).toEqual([pinned]);
  expect(await idsOf({ pinned: 'false' })).toEqual([tagged]);
  expect(await idsOf({ tag: 'work' })).toEqual([tagged]);
});

it('changes only the given fields, and never replaces a title of the user', async () => {
  const { conversations } = await openChatDatabase();
  const { id, updated_at } = await conversations.create('ada', { system_prompt: 'Be brief.', temperature: 1 });
  await conversations.suggestTitle('ada', id, 'By the model', 'model');
  expect(await conversations.get('ada', id, {})).toMatchObject({ title: 'By the model', title_source: 'model' });
  const changed = await conversations.update('ada', id, { title: 'Mine', system_prompt: null });
  expect(changed).toMatchObject({ title: 'Mine', title_source: 'user', system_prompt: null, temperature: 1, updated_at });
  await conversations.suggestTitle('ada', id, 'By the model', 'model');
  expect((await conversations.get('ada', id, {})).title).toBe('Mine');
  expect(await conversations.update('ada', id, {})).toEqual(changed);
});

it('stores every text byte for byte', async () => {
  const { conversations } = await openChatDatabase();
  const exact = ' \u0001\t"quotes" \\u0000 \\ {}$1 \u{1f600} e\u0301 \u202e\r\n\ufffd ';
  const { id } = await conversations.create('ada', { title: exact, system_prompt: exact, tags: [exact] });
  const message = await conversations.addMessage('ada', id, { role: 'user', content: exact, meta: { [exact]: exact } });
  const { title, system_prompt, tags, messages } = await conversations.get('ada', id, {});
  expect({ title, system_prompt, tags }).toEqual({ title: exact, system_prompt: exact, tags: [exact] });
  expect(messages).toEqual([message]);
  expect(message).toMatchObject({ content: exact, parts: [{ type: 'text', text: exact }], meta: { [exact]: exact } });
});

it('keeps branches, and shows the latest descendant of a chosen message', async () => {
  const { conversations } = await openChatDatabase();
  const { id } = await conversations.create('ada', {});
  const add = (content: string, parent_id?: string) => conversations.addMessage('ada', id, { role: 'user', content, parent_id });
  const first = await add('1');
  const second = await add('1.1');
  await add('1.1.1');
  const sibling = await add('1.2', first.id);
  const latest = await add('1.2.1');
  const read = async () => (await conversations.get('ada', id, {})).messages.map(({ content }) => content);
  expect(await read()).toEqual(['1', '1.2', '1.2.1']);
  expect((await conversations.get('ada', id, {})).messages[1]?.sibling_ids).toEqual([second.id, sibling.id]);
  await conversations.update('ada', id, { active_message_id: second.id });
  expect(await read()).toEqual(['1', '1.1', '1.1.1']);
  await conversations.update('ada', id, { active_message_id: first.id });
  expect(await read()).toEqual(['1', '1.2', '1.2.1']);
  await conversations.removeMessage('ada', id, sibling.id);
  expect(await read()).toEqual(['1', '1.1', '1.1.1']);
  expect(await codeOf(conversations.update('ada', id, { active_message_id: latest.id }))).toBe('NOT_FOUND');
  await conversations.removeMessage('ada', id, first.id);
  expect(await conversations.get('ada', id, {})).toMatchObject({ messages: [], active_message_id: null });
});

it('reads the last messages of the path, and those before', async () => {
  const { conversations } = await openChatDatabase();
  const { id } = await conversations.create('ada', {});
  for (let index = 0; index < 5; index++) await conversations.addMessage('ada', id, { role: 'user', content: `${index}` });
  const last = await conversations.get('ada', id, { limit: 2 });
  expect(last.messages.map(({ content }) => content)).toEqual(['3', '4']);
  expect(last.has_earlier).toBe(true);
  const earlier = await conversations.get('ada', id, { limit: 3, before: last.messages[0]?.id });
  expect(earlier.messages.map(({ content }) => content)).toEqual(['0', '1', '2']);
  expect(earlier.has_earlier).toBe(false);
  expect(await codeOf(conversations.get('ada', id, { before: randomUUID() }))).toBe('NOT_FOUND');
});

it('replaces the text of a message, but not while the model responds in it', async () => {
  const { conversations, start } = await openChatDatabase();
  const { id } = await conversations.create('ada', {});
  const { messageId, userMessageId } = await start('ada', id, { content: 'Hello' });
  const changed = await conversations.updateMessage('ada', id, userMessageId ?? '', 'Changed');
  expect(changed.content).toBe('Changed');
  expect((await conversations.get('ada', id, {})).messages[0]).toEqual(changed);
  expect(await codeOf(conversations.updateMessage('ada', id, messageId, 'Changed'))).toBe('CONFLICT');
  expect(await codeOf(conversations.removeMessage('ada', id, userMessageId ?? ''))).toBe('CONFLICT');
});

it('limits the messages of a conversation', async () => {
  const { conversations, start, db } = await openChatDatabase();
  const { id } = await conversations.create('ada', {});
  await sql`update chat.conversations set message_count = ${CONVERSATION_LIMITS.conversationMessagesMax - 1}`.execute(db);
  expect(await codeOf(start('ada', id, { content: 'Two more' }))).toBe('CONFLICT');
  await conversations.addMessage('ada', id, { role: 'user', content: 'One more' });
  expect(await codeOf(conversations.addMessage('ada', id, { role: 'user', content: 'Too many' }))).toBe('CONFLICT');
});

it('hides everything from other owners', async () => {
  const { conversations } = await openChatDatabase();
  const { id } = await conversations.create('ada', { title: 'Secret' });
  const { id: own } = await conversations.create('bob', {});
  const message = await conversations.addMessage('ada', id, { role: 'user', content: 'Secret' });
  for (const missing of [id, randomUUID()]) {
    const calls = {
      get: () => conversations.get('bob', missing, {}),
      update: () => conversations.update('bob', missing, { title: 'Mine' }),
      suggestTitle: () => conversations.suggestTitle('bob', missing, 'Mine', 'model'),
      remove: () => conversations.remove('bob', missing),
      addMessage: () => conversations.addMessage('bob', missing, { role: 'user', content: 'x' }),
      updateMessage: () => conversations.updateMessage('bob', missing, message.id, 'x'),
      removeMessage: () => conversations.removeMessage('bob', missing, message.id),
    };
    for (const [name, call] of Object.entries(calls))
      expect([name, await codeOf(call())]).toEqual([name, 'CONVERSATION_NOT_FOUND']);
  }
  expect(await codeOf(conversations.updateMessage('bob', own, message.id, 'x'))).toBe('NOT_FOUND');
  expect(await codeOf(conversations.addMessage('bob', own, { role: 'user', content: 'x', parent_id: message.id }))).toBe(
    'NOT_FOUND',
  );
  expect((await conversations.list('bob', LIST)).conversations.map((conversation) => conversation.id)).toEqual([own]);
  expect(await conversations.removeAll('bob')).toBe(1);
  expect((await conversations.get('ada', id, {})).messages).toEqual([message]);
});

it('deletes a conversation with everything that belongs to it', async () => {
  const { conversations, generations, holder, start, db } = await openChatDatabase();
  const { id } = await conversations.create('ada', {});
  const { generationId } = await start('ada', id, { content: 'Hello' });
  await generations.write(holder, [{ generationId, position: 0, parts: [{ type: 'text', text: 'so far' }] }]);
  await conversations.remove('ada', id);
  const { rows } = await sql<{ count: number }>`
    select (select count(*) from chat.conversations) + (select count(*) from chat.messages)
      + (select count(*) from chat.generations) + (select count(*) from chat.generation_deltas) as count
  `.execute(db);
  expect(rows).toEqual([{ count: 0 }]);
  expect(await codeOf(conversations.remove('ada', id))).toBe('CONVERSATION_NOT_FOUND');
});
