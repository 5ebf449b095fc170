import { createHash } from 'node:crypto';
import { AppError } from '@prodigon/contracts';
import { exportedConversationSchema } from '@prodigon/contracts/conversations';
import { expect, it } from 'vitest';
import { startChatRoutes } from '../chat-routes.test-support.ts';
import { exampleConversation } from '../conversation-examples.ts';
import { createExport, textPart } from './export-fixtures.test-support.ts';

const SESSION = `/api/v1/chat/sessions/${exampleConversation.id}`;
const exported = createExport([textPart('Why?')], [textPart('Because')], 'Über uns');

async function* exportsOf(count: number) {
  for (let index = 0; index < count; index += 1) yield exported;
}
const failing = async function* () {
  yield* exportsOf(0);
  throw new AppError('SERVICE_UNAVAILABLE');
};

it.each([
  ['json', '.json', 'application/json; charset=utf-8'],
  ['markdown', '.md', 'text/markdown; charset=utf-8'],
  ['html', '.html', 'text/html; charset=utf-8'],
])('exports a conversation as %s', async (format, extension, mediaType) => {
  const { call, calls } = await startChatRoutes({ store: { exportAll: () => exportsOf(1) } });
  const { status, headers, text } = await call(`GET ${SESSION}/export?format=${format}`);
  expect([status, headers['content-type']]).toEqual([200, mediaType]);
  expect(headers['content-disposition']).toContain(`filename*=UTF-8''%C3%9Cber%20uns${extension}`);
  expect(text).toContain('Because');
  if (format === 'json') expect(exportedConversationSchema.parse(JSON.parse(text))).toEqual(exported);
  expect(calls).toEqual([['exportAll', 'ada', exampleConversation.id]]);
});

it('exports all conversations as JSON lines', async () => {
  const { call } = await startChatRoutes({ store: { exportAll: () => exportsOf(3) } });
  const { headers, text } = await call('GET /api/v1/chat/export');
  expect(headers['content-type']).toBe('application/jsonl; charset=utf-8');
  expect(headers['content-disposition']).toBe('attachment; filename=prodigon-conversations.jsonl');
  expect(
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => exportedConversationSchema.parse(JSON.parse(line))),
  ).toEqual(Array(3).fill(exported));
});

it('reports a failure before the first conversation as an error', async () => {
  const { call } = await startChatRoutes({ store: { exportAll: failing } });
  expect((await call('GET /api/v1/chat/export')).code()).toBe('SERVICE_UNAVAILABLE');
  expect((await call(`GET ${SESSION}/export`)).code()).toBe('SERVICE_UNAVAILABLE');
});

it('shares a conversation by a random token, of which only the hash is stored', async () => {
  const shared = { title: 'A', shared_at: exampleConversation.created_at, messages: [] };
  const { call, calls } = await startChatRoutes({
    store: { share: async () => ({ createdAt: shared.shared_at }), getShared: async () => shared, unshare: async () => {} },
  });
  const first = await call(`POST ${SESSION}/share`);
  const { token, url } = first.json();
  expect([first.status, url]).toEqual([201, `/s/${token}`]);
  expect(Buffer.from(token, 'base64url')).toHaveLength(16);
  expect((await call(`POST ${SESSION}/share`)).json().token).not.toBe(token);

  const read = await call(`GET /api/v1/share/${token}`, undefined, { key: null });
  expect(read.json()).toEqual(shared);
  expect(read.headers).toMatchObject({
    'x-robots-tag': 'noindex, nofollow',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  });
  expect((await call(`DELETE ${SESSION}/share`)).status).toBe(204);
  const hash = createHash('sha256').update(token).digest();
  expect([calls[0], calls[2], calls[3]]).toEqual([
    ['share', 'ada', exampleConversation.id, hash],
    ['getShared', hash],
    ['unshare', 'ada', exampleConversation.id],
  ]);
});

it('responds alike to revoked, unknown and malformed tokens', async () => {
  const getShared = async () => {
    throw new AppError('NOT_FOUND');
  };
  const { call } = await startChatRoutes({ store: { getShared } });
  const tokens = ['kQ9pXyZ2c0aT5mB7vW1uRg', 'x', '%00', 'kQ9pXyZ2c0aT5mB7vW1uRg=='];
  const responses = await Promise.all(tokens.map((token) => call(`GET /api/v1/share/${token}`, undefined, { key: null })));
  const bodies = responses.map(({ status, text, headers }) => [
    status,
    text.replace(/"request_id":"[^"]*"/, ''),
    headers['x-robots-tag'],
  ]);
  expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
  expect(bodies[0]?.[0]).toBe(404);
});
