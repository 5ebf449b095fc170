import { expect, it } from 'vitest';
import {
  CONVERSATION_ID,
  createConversationFixture,
  createMessageFixture,
  GENERATION_ID,
  MESSAGE_ID,
} from './conversation-fixtures.test-support.ts';
import { droppedConnection, type FakeResponse, jsonResponse, startFakeGateway } from './fake-gateway.test-support.ts';

const conversation = createConversationFixture();
const message = createMessageFixture();
const SESSION = `/api/v1/chat/sessions/${CONVERSATION_ID}`;
const noContent: FakeResponse = (response) => response.writeHead(204).end();
const file =
  (headers: Record<string, string>, ...texts: string[]): FakeResponse =>
  (response) => {
    response.writeHead(200, headers);
    for (const text of texts) response.write(text);
    response.end();
  };

it('lists a page with the cursor of the next one', async () => {
  const link = '</api/v1/chat/sessions?limit=1>; rel="first", </api/v1/chat/sessions?limit=1&after=a%2Fb>; rel="next"';
  const page: FakeResponse = (response, request) => {
    if (!request.line.includes('after')) response.setHeader('link', link);
    jsonResponse([conversation])(response, request);
  };
  const { client, requests } = await startFakeGateway(page);
  const { conversations, nextAfter } = await client.conversations.list({ limit: 1, archived: 'all', tag: 'ä' });
  expect([conversations, nextAfter]).toEqual([[conversation], 'a/b']);
  expect(await client.conversations.list({ after: 'a/b' })).toEqual({ conversations: [conversation], nextAfter: null });
  expect(requests.map(({ line }) => line)).toEqual([
    'GET /api/v1/chat/sessions?limit=1&archived=all&tag=%C3%A4',
    'GET /api/v1/chat/sessions?after=a%2Fb',
  ]);
});

it('creates one conversation and one message, also when the first connection fails', async () => {
  const created = await startFakeGateway(droppedConnection, jsonResponse(conversation, 201));
  const added = await startFakeGateway(droppedConnection, jsonResponse(message, 201));
  const results = await Promise.all([
    created.client.conversations.create({ title: 'A' }),
    added.client.conversations.addMessage(CONVERSATION_ID, { role: 'user', content: 'Why?' }),
  ]);
  expect(results).toEqual([conversation, message]);
  for (const { requests } of [created, added]) {
    const [first, second] = requests;
    expect(first?.headers['idempotency-key']).toMatch(/^[0-9a-f]{32}$/);
    expect(second).toMatchObject({ line: first?.line, body: first?.body });
    expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
  }
});

it.each([
  ['get', [CONVERSATION_ID, { limit: 2, before: MESSAGE_ID }], `GET ${SESSION}?limit=2&before=${MESSAGE_ID}`, ''],
  ['update', [CONVERSATION_ID, { pinned: true }], `PATCH ${SESSION}`, '{"pinned":true}'],
  ['search', [{ q: 'a "b c"' }], 'GET /api/v1/chat/search?q=a+%22b+c%22', ''],
  ['updateMessage', [CONVERSATION_ID, MESSAGE_ID, 'New'], `PATCH ${SESSION}/messages/${MESSAGE_ID}`, '{"content":"New"}'],
  ['generation', [GENERATION_ID], `GET /api/v1/generations/${GENERATION_ID}`, ''],
  ['cancel', [GENERATION_ID], `POST /api/v1/generations/${GENERATION_ID}/cancel`, ''],
  ['share', [CONVERSATION_ID], `POST ${SESSION}/share`, ''],
  ['shared', ['a/b'], 'GET /api/v1/share/a%2Fb', ''],
] as const)('sends the request of %s', async (method, parameters, line, body) => {
  const answer = {
    ...conversation,
    ...message,
    id: CONVERSATION_ID,
    messages: [],
    has_earlier: false,
    results: [],
    conversation_id: CONVERSATION_ID,
    message_id: MESSAGE_ID,
    started_at: message.created_at,
    token: 't',
    url: '/s/t',
    shared_at: message.created_at,
  };
  const { client, requests } = await startFakeGateway(jsonResponse(answer));
  const call = client.conversations[method] as (...values: readonly unknown[]) => Promise<unknown>;
  expect(await call(...parameters)).toBeTypeOf('object');
  expect(requests).toMatchObject([{ line, body }]);
});

it('deletes conversations, messages, links, templates and attachments', async () => {
  const { client, requests } = await startFakeGateway(noContent);
  const { conversations } = client;
  await conversations.remove(CONVERSATION_ID);
  await conversations.removeAll();
  await conversations.removeMessage(CONVERSATION_ID, MESSAGE_ID);
  await conversations.unshare(CONVERSATION_ID);
  await conversations.templates.remove(MESSAGE_ID);
  await conversations.attachments.remove(MESSAGE_ID);
  expect(requests.map(({ line }) => line)).toEqual([
    `DELETE ${SESSION}`,
    'DELETE /api/v1/chat/sessions?confirm=all',
    `DELETE ${SESSION}/messages/${MESSAGE_ID}`,
    `DELETE ${SESSION}/share`,
    `DELETE /api/v1/chat/templates/${MESSAGE_ID}`,
    `DELETE /api/v1/chat/attachments/${MESSAGE_ID}`,
  ]);
});

it('returns an export with the name of its file, also as HTML', async () => {
  const disposition = `attachment; filename="A.html"; filename*=UTF-8''%C3%84.html`;
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-disposition': disposition };
  const { client, requests } = await startFakeGateway(file(headers, '<p>', 'ä</p>'));
  const { name, blob } = await client.conversations.exportFile(CONVERSATION_ID, 'html');
  expect([name, await blob.text(), requests[0]?.line]).toEqual(['Ä.html', '<p>ä</p>', `GET ${SESSION}/export?format=html`]);
});

it('yields an export of all conversations, and throws when it is cut', async () => {
  const { client } = await startFakeGateway(file({}, '{}\n{}\n'), (response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{}\n', () => response.destroy());
  });
  const read = async () => {
    let text = '';
    for await (const chunk of client.conversations.exportAll()) text += Buffer.from(chunk).toString();
    return text;
  };
  expect(await read()).toBe('{}\n{}\n');
  await expect(read()).rejects.toMatchObject({ reason: 'interrupted' });
});

it('uploads files to import and to attach, and reports how much has been sent', async () => {
  const report = { formats: [], imported: 0, unchanged: 0, failed: 0, replaced_characters: 0, conversations: [], failures: [] };
  const attachment = { id: MESSAGE_ID, name: 'ä b.txt', kind: 'text', media_type: 'text/plain', bytes: 3 };
  const stored = { ...attachment, characters: 3, width: null, height: null, created_at: message.created_at };
  const { client, requests } = await startFakeGateway(jsonResponse(report), jsonResponse(stored, 201));
  const progress: number[] = [];
  const options = { onProgress: (bytes: number) => void progress.push(bytes) };
  expect(await client.conversations.importFile(new Blob(['[]']), options)).toEqual(report);
  expect(await client.conversations.attachments.create(new Blob(['abc']), 'ä b.txt')).toEqual(stored);
  expect(progress).toEqual([2]);
  expect(requests).toMatchObject([
    { line: 'POST /api/v1/chat/import', body: '[]', headers: { authorization: 'Bearer a-key' } },
    { line: 'POST /api/v1/chat/attachments?name=%C3%A4+b.txt', body: 'abc' },
  ]);
});

it('creates, lists and updates prompt templates', async () => {
  const times = { created_at: message.created_at, updated_at: message.created_at };
  const template = { id: MESSAGE_ID, name: 'A', content: '{{b}}', kind: 'question', ...times };
  const one = jsonResponse(template);
  const { client, requests } = await startFakeGateway(one, one, jsonResponse({ templates: [template] }));
  const { templates } = client.conversations;
  expect(await templates.create({ name: 'A', content: '{{b}}' })).toEqual(template);
  expect(await templates.update(MESSAGE_ID, { name: 'B' })).toEqual(template);
  expect(await templates.list()).toEqual([template]);
  expect(requests.map(({ line, body }) => [line, body])).toEqual([
    ['POST /api/v1/chat/templates', '{"name":"A","content":"{{b}}"}'],
    [`PATCH /api/v1/chat/templates/${MESSAGE_ID}`, '{"name":"B"}'],
    ['GET /api/v1/chat/templates', ''],
  ]);
});
