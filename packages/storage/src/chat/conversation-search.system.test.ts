import type { ConversationSearch } from '@prodigon/contracts/conversations';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { openChatDatabase } from './chat-database.test-support.ts';

const excerptOf = ({ excerpt }: ConversationSearch['results'][number]) =>
  excerpt.map(({ text, match }) => (match ? `[${text}]` : text)).join('');

/** Creates conversations with one question each. Returns a search by the titles of the results. */
async function openSearch(questions: Record<string, string>, ownerId = 'ada') {
  const chat = await openChatDatabase();
  for (const [title, content] of Object.entries(questions)) {
    const { id } = await chat.conversations.create(ownerId, { title });
    await chat.conversations.addMessage(ownerId, id, { role: 'user', content });
  }
  const search = (q: string, { owner = 'ada', limit = 20 } = {}) => chat.conversations.search(owner, { q, limit });
  const titles = async (q: string) => (await search(q)).results.map(({ conversation }) => conversation.title);
  return { ...chat, search, titles };
}

it('finds words, beginnings of the last word, phrases, alternatives and excluded words', async () => {
  const { titles } = await openSearch({
    One: 'A circuit breaker opens after failures',
    Two: 'The breaker of a circuit',
    Three: 'Idempotency keys',
  });
  expect(await titles('circuit breaker')).toEqual(['Two', 'One']);
  expect(await titles('"circuit breaker"')).toEqual(['One']);
  expect(await titles('CIRC')).toEqual(['Two', 'One']);
  expect(await titles('circ breaker')).toEqual([]);
  expect(await titles('idempotency or failures')).toEqual(['Three', 'One']);
  expect(await titles('breaker -failures')).toEqual(['Two']);
  expect(await titles('three')).toEqual(['Three']);
});

it.each(['-word', '""', '"', '&|!():*', "' <-> '", '\\', '<a>', "it's -'", ':*', 'a:*b'])('accepts the search %s', async (q) => {
  const { titles } = await openSearch({ One: 'Some text' });
  expect(await titles(q)).toEqual([]);
});

it('returns one result for each conversation, with its latest match, titles first', async () => {
  const { search, conversations } = await openSearch({ 'About leases': 'x', Other: 'A lease ends' });
  const { results: before } = await search('lease');
  const conversationId = before[1]?.conversation.id ?? '';
  const latest = await conversations.addMessage('ada', conversationId, { role: 'assistant', content: 'Renew the lease in time' });
  const { results } = await search('lease');
  expect(results.map(({ message_id }) => message_id)).toEqual([null, latest.id]);
  expect(results.map(excerptOf)).toEqual(['About [leases]', 'Renew the [lease] in time']);
  expect((await search('lease', { limit: 1 })).results).toHaveLength(1);
});

it('returns the text around a match that is far from the beginning', async () => {
  const { search } = await openSearch({ Long: `\u0001${'word '.repeat(10_000)}needle \u0002 and more` });
  const [result] = (await search('needle')).results;
  expect(result && excerptOf(result)).toMatch(/^word .*word \[needle\] {1,2}and more$/s);
});

it('finds nothing of another owner', async () => {
  const { search, conversations } = await openSearch({ Secret: 'A secret word' });
  await conversations.create('bob', { title: 'Mine' });
  expect((await search('secret', { owner: 'bob' })).results).toEqual([]);
  expect((await search('mine', { owner: 'bob' })).results).toHaveLength(1);
});

it('finds old messages by the index when the latest ones do not match', async () => {
  const { titles, db, conversations } = await openSearch({ Old: 'An ancient "word" here', Phrase: 'word ancient' });
  await sql`
    insert into chat.conversations (id, owner_id, title, updated_at)
    select gen_random_uuid(), 'ada', 'New', now() + n * interval '1 s' from generate_series(1, 300) n
  `.execute(db);
  const { conversations: page } = await conversations.list('ada', { limit: 1, archived: 'all' });
  await conversations.addMessage('ada', page[0]?.id ?? '', { role: 'user', content: 'x' });
  expect(await titles('ancient')).toEqual(['Phrase', 'Old']);
  expect(await titles('anci')).toEqual(['Phrase', 'Old']);
  expect(await titles('"ancient word"')).toEqual(['Old']);
});

it('finds the words of an edited message and forgets the earlier ones', async () => {
  const { titles, conversations } = await openSearch({ One: 'before' });
  const { conversations: page } = await conversations.list('ada', { limit: 1, archived: 'all' });
  const id = page[0]?.id ?? '';
  const { messages } = await conversations.get('ada', id, {});
  await conversations.updateMessage('ada', id, messages[0]?.id ?? '', 'after');
  expect(await titles('after')).toEqual(['One']);
  expect(await titles('before')).toEqual([]);
});

it('stores and finds a message with more distinct words than a tsvector can contain', async () => {
  const { titles } = await openSearch({ Many: Array.from({ length: 150_000 }, (_, index) => `ж${index}`).join(' ') });
  expect(await titles('ж77')).toEqual(['Many']);
  expect(await titles('ж149999')).toEqual([]);
});
