import { randomUUID } from 'node:crypto';
import { AppError } from '@prodigon/contracts';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { createHolder, endOf, openChatDatabase, text } from './chat-database.test-support.ts';

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'fulfilled',
    (thrown: unknown) => AppError.from(thrown).code,
  );

async function openConversation() {
  const chat = await openChatDatabase();
  const { id } = await chat.conversations.create('ada', {});
  return { ...chat, id };
}

it('stores the question, the empty response and the title in one step', async () => {
  const { conversations, start, id } = await openConversation();
  const started = await start('ada', id, { content: 'What is a lease?' });
  expect(started).toMatchObject({ isReplay: false, isContinuation: false, olderMessages: 0 });
  expect(started.history).toEqual([{ id: started.userMessageId, role: 'user', parts: [text('What is a lease?')] }]);
  expect(started.conversation).toMatchObject({ title: 'What is a lease?', title_source: 'question', generating: true });
  const { messages } = await conversations.get('ada', id, {});
  expect(messages).toMatchObject([
    { id: started.userMessageId, role: 'user', content: 'What is a lease?', status: 'done', parent_id: null },
    { id: started.messageId, role: 'assistant', content: '', status: 'streaming', generation_id: started.generationId },
  ]);
});

it('returns what was written, and after the end what was finished', async () => {
  const { generations, conversations, holder, start, id } = await openConversation();
  const { generationId, messageId } = await start('ada', id, { content: 'Hello' });
  const written = (position: number, value: string) => ({ generationId, position, parts: [text(value)] });
  expect(await generations.write(holder, [written(0, 'one ')])).toEqual([]);
  // The response of this write was lost, so the holder repeats it with what it has received since.
  await generations.write(holder, [written(4, 'tw')]);
  expect(await generations.write(holder, [written(4, 'two')])).toEqual([]);
  expect(await generations.get('ada', generationId)).toMatchObject({
    generation: { status: 'streaming', completed_at: null },
    holderUrl: holder.url,
    parts: [text('one two')],
    end: null,
  });
  const parts = [{ type: 'reasoning' as const, text: 'Count.' }, text('one two three')];
  expect(await generations.finish(holder, generationId, endOf(parts))).toBe(true);
  expect(await generations.finish(holder, generationId, endOf([text('repeated')]))).toBe(true);
  const { parts: _, ...end } = endOf(parts);
  expect(await generations.get('ada', generationId)).toMatchObject({ holderUrl: null, parts, end });
  const { messages, generating } = await conversations.get('ada', id, {});
  expect(generating).toBe(false);
  expect(messages[1]).toMatchObject({ id: messageId, content: 'one two three', parts, status: 'done', cost_usd: 0.25 });
});

it('stores text that PostgreSQL rejects as the stream shows it', async () => {
  const { generations, holder, start, id } = await openConversation();
  const { generationId } = await start('ada', id, { content: 'Hello' });
  await generations.write(holder, [{ generationId, position: 0, parts: [text('a\0b\ud800')] }]);
  expect((await generations.get('ada', generationId)).parts).toEqual([text('a\ufffdb\ufffd')]);
  const exact = 'tab\t "quotes" \\u0000 \u0001 é e\u0301 \u{1f600}\r\n';
  await generations.finish(holder, generationId, endOf([text(`\0${exact}`)]));
  expect((await generations.get('ada', generationId)).parts).toEqual([text(`\ufffd${exact}`)]);
});

it('ends a generation as interrupted when a reader finds the lease expired, and rejects the holder then', async () => {
  const { generations, conversations, holder, start, expire, db, id } = await openConversation();
  const { generationId } = await start('ada', id, { content: 'Hello' });
  const other = createHolder();
  const { generationId: survivor } = await start('ada', id, { content: 'Again', parent_id: null }, { holder: other });
  await generations.write(holder, [{ generationId, position: 0, parts: [text('so far')] }]);
  await expire(holder);
  const { generation, parts, end } = await generations.get('ada', generationId);
  expect({ status: generation.status, parts }).toEqual({ status: 'interrupted', parts: [text('so far')] });
  expect(end?.error).toMatchObject({ code: 'RESPONSE_INTERRUPTED', retryable: true });
  expect(await generations.write(holder, [{ generationId, position: 6, parts: [text(' lost')] }])).toEqual([generationId]);
  expect(await generations.finish(holder, generationId, endOf([text('so far lost')]))).toBe(false);
  expect((await generations.get('ada', generationId)).parts).toEqual([text('so far')]);
  expect((await sql`select from chat.generation_deltas`.execute(db)).rows).toEqual([]);
  expect(await generations.write(other, [{ generationId: survivor, position: 0, parts: [text('on')] }])).toEqual([]);
  expect((await generations.get('ada', survivor)).generation.status).toBe('streaming');
  expect((await conversations.list('ada', { limit: 1, archived: 'all' })).conversations[0]?.generating).toBe(true);
});

it('lets a holder renew an expired lease that no reader of the owner has found', async () => {
  const { generations, conversations, holder, start, expire, id } = await openConversation();
  const { generationId } = await start('ada', id, { content: 'Hello' });
  await expire(holder);
  await conversations.list('bob', { limit: 1, archived: 'all' });
  expect(await generations.write(holder, [{ generationId, position: 0, parts: [text('on')] }])).toEqual([]);
  expect((await generations.get('ada', generationId)).generation.status).toBe('streaming');
  expect(await generations.finish(holder, generationId, endOf([text('only')]))).toBe(true);
});

it.each(['list', 'get'] as const)('settles generations of ended processes in %s', async (method) => {
  const { conversations, holder, start, expire, id } = await openConversation();
  await start('ada', id, { content: 'Hello' });
  await expire(holder);
  const found =
    method === 'get'
      ? await conversations.get('ada', id, {})
      : (await conversations.list('ada', { limit: 1, archived: 'all' })).conversations[0];
  expect(found?.generating).toBe(false);
  expect((await conversations.get('ada', id, {})).messages[1]?.status).toBe('interrupted');
});

it('appends a continuation to its message and returns only its own parts', async () => {
  const { generations, conversations, holder, start, ask, id } = await openConversation();
  const first = await ask('ada', id, { content: 'Count' }, 'one ');
  const started = await start('ada', id, { continue: first.messageId });
  expect(started).toMatchObject({ messageId: first.messageId, isContinuation: true, messagePosition: 4, userMessageId: null });
  expect(started.history.map(({ role }) => role)).toEqual(['user', 'assistant']);
  expect(await codeOf(start('ada', id, { continue: first.messageId }))).toBe('CONFLICT');
  await generations.write(holder, [{ generationId: started.generationId, position: 0, parts: [text('tw')] }]);
  expect(await generations.get('ada', started.generationId)).toMatchObject({ parts: [text('tw')], messagePosition: 4 });
  await generations.finish(holder, started.generationId, endOf([text('two')]));
  const { messages } = await conversations.get('ada', id, {});
  expect(messages[1]).toMatchObject({ parts: [text('one two')], cost_usd: 0.5, usage: { total_tokens: 10 } });
  expect((await generations.get('ada', first.generationId)).parts).toEqual([text('one ')]);
  expect((await generations.get('ada', started.generationId)).parts).toEqual([text('two')]);
});

it('adds another response to the same question', async () => {
  const { conversations, ask, id } = await openConversation();
  const first = await ask('ada', id, { content: 'Name a number' }, 'one');
  const second = await ask('ada', id, { regenerate: first.messageId }, 'two');
  const third = await ask('ada', id, { regenerate: first.userMessageId ?? '' }, 'three');
  expect([second.userMessageId, third.userMessageId]).toEqual([first.userMessageId, first.userMessageId]);
  expect(second.history).toHaveLength(1);
  const { messages } = await conversations.get('ada', id, {});
  expect(messages.map(({ content }) => content)).toEqual(['Name a number', 'three']);
  expect(messages[1]?.sibling_ids).toEqual([first.messageId, second.messageId, third.messageId]);
});

it('starts one generation for each idempotency key', async () => {
  const { start, conversations, id } = await openConversation();
  const idempotency = { key: 'key', fingerprint: 'a' };
  const first = await start('ada', id, { content: 'Hello' }, { idempotency });
  const repeated = await start('ada', id, { content: 'Hello' }, { idempotency });
  expect(repeated).toMatchObject({ generationId: first.generationId, messageId: first.messageId, isReplay: true, history: [] });
  expect(await codeOf(start('ada', id, { content: 'Other' }, { idempotency: { key: 'key', fingerprint: 'b' } }))).toBe(
    'VALIDATION_ERROR',
  );
  const { id: other } = await conversations.create('bob', {});
  expect((await start('bob', other, { content: 'Hello' }, { idempotency })).isReplay).toBe(false);
  expect((await conversations.get('ada', id, {})).messages).toHaveLength(2);
});

it('starts one generation for concurrent requests with one key', async () => {
  const { start, conversations, id } = await openConversation();
  const idempotency = { key: 'key', fingerprint: 'a' };
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, () => start('ada', id, { content: 'Hello' }, { idempotency })),
  );
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'CONFLICT' });
  }
  expect((await conversations.get('ada', id, {})).messages).toHaveLength(2);
});

it('refuses a turn after a response that is not complete, and targets that are no response', async () => {
  const { start, ask, id } = await openConversation();
  const first = await ask('ada', id, { content: 'Hello' });
  expect(await codeOf(start('ada', id, { continue: first.userMessageId ?? '' }))).toBe('VALIDATION_ERROR');
  expect(await codeOf(start('ada', id, { content: 'x', parent_id: randomUUID() }))).toBe('NOT_FOUND');
  expect(await codeOf(start('ada', id, { content: 'x', attachment_ids: [randomUUID()] }))).toBe('NOT_FOUND');
  await start('ada', id, { content: 'More' });
  expect(await codeOf(start('ada', id, { content: 'Too early' }))).toBe('CONFLICT');
});

it('hides generations and conversations of other owners', async () => {
  const { generations, start, holder, id } = await openConversation();
  const { generationId } = await start('ada', id, { content: 'Hello' });
  expect(await codeOf(generations.get('bob', generationId))).toBe('NOT_FOUND');
  expect(await codeOf(start('bob', id, { content: 'Hello' }))).toBe('CONVERSATION_NOT_FOUND');
  expect(await generations.finish(createHolder(), generationId, endOf([]))).toBe(false);
  expect(await generations.write(createHolder(), [{ generationId, position: 0, parts: [text('x')] }])).toEqual([generationId]);
  expect(await generations.write(holder, [])).toEqual([]);
});

it('reports a generation whose message was edited or deleted as not resumable', async () => {
  const { generations, conversations, ask, id } = await openConversation();
  const edited = await ask('ada', id, { content: 'One' });
  const deleted = await ask('ada', id, { content: 'Two' });
  await conversations.updateMessage('ada', id, edited.messageId, 'Changed');
  await conversations.removeMessage('ada', id, deleted.messageId);
  expect(await codeOf(generations.get('ada', edited.generationId))).toBe('NOT_RESUMABLE');
  expect(await codeOf(generations.get('ada', deleted.generationId))).toBe('NOT_RESUMABLE');
  await conversations.remove('ada', id);
  expect(await codeOf(generations.get('ada', edited.generationId))).toBe('NOT_FOUND');
});
