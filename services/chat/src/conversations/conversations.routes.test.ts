import { AppError } from '@prodigon/contracts';
import { expect, it } from 'vitest';
import { startChatRoutes } from '../chat-routes.test-support.ts';
import { exampleConversation, exampleQuestion } from '../conversation-examples.ts';

const SESSIONS = '/api/v1/chat/sessions';
const { id } = exampleConversation;
const messageId = exampleQuestion.id;

it('creates a conversation of the caller', async () => {
  const { call, calls } = await startChatRoutes({ store: { create: async () => exampleConversation } });
  const response = await call(`POST ${SESSIONS}`, { title: ' A ', model: 'prodigon-tutor' });
  expect([response.status, response.headers.location, response.json()]).toEqual([201, `${SESSIONS}/${id}`, exampleConversation]);
  expect(calls).toEqual([['create', 'ada', { title: 'A', model: 'prodigon-tutor' }]]);
});

it.each(['UNKNOWN_MODEL', 'FORBIDDEN'] as const)('rejects a model with %s', async (code) => {
  const resolve = async () => {
    throw new AppError(code);
  };
  const { call, calls } = await startChatRoutes({ resolve });
  expect((await call(`POST ${SESSIONS}`, { model: 'x' })).code()).toBe(code);
  expect((await call(`PATCH ${SESSIONS}/${id}`, { model: 'x' })).code()).toBe(code);
  expect(calls).toEqual([]);
});

it('accepts any model while the model service is unreachable', async () => {
  const resolve = async () => {
    throw new AppError('SERVICE_UNAVAILABLE');
  };
  const { call } = await startChatRoutes({ resolve, store: { create: async () => exampleConversation } });
  expect((await call(`POST ${SESSIONS}`, { model: 'x' })).status).toBe(201);
});

it('links to the next page with the same filters', async () => {
  let nextAfter: string | null = 'a/b';
  const { call, calls } = await startChatRoutes({
    store: { list: async () => ({ conversations: [exampleConversation], nextAfter }) },
  });
  const response = await call(`GET ${SESSIONS}?limit=1&tag=%C3%A4&pinned=true`);
  expect(response.json()).toEqual([exampleConversation]);
  expect(response.headers.link).toBe(`<${SESSIONS}?limit=1&archived=false&pinned=true&tag=%C3%A4&after=a%2Fb>; rel="next"`);
  nextAfter = null;
  expect((await call(`GET ${SESSIONS}?after=a%2Fb`)).headers.link).toBeUndefined();
  expect(calls[1]).toEqual(['list', 'ada', { limit: 50, archived: 'false', after: 'a/b' }]);
});

it('deletes all conversations only with a confirmation', async () => {
  const { call, calls } = await startChatRoutes({ store: { removeAll: async () => 3 } });
  for (const query of ['', '?confirm=yes']) expect((await call(`DELETE ${SESSIONS}${query}`)).code()).toBe('VALIDATION_ERROR');
  expect(calls).toEqual([]);
  expect((await call(`DELETE ${SESSIONS}?confirm=all`)).status).toBe(204);
  expect(calls).toEqual([['removeAll', 'ada']]);
});

it('gets, updates and deletes a conversation, and searches', async () => {
  const { call, calls } = await startChatRoutes({
    store: {
      get: async () => ({ ...exampleConversation, messages: [exampleQuestion], has_earlier: true }),
      update: async () => exampleConversation,
      remove: async () => {},
      search: async () => ({ results: [] }),
    },
  });
  expect((await call(`GET ${SESSIONS}/${id.toUpperCase()}?limit=1`)).json()).toMatchObject({
    messages: [exampleQuestion],
    has_earlier: true,
  });
  expect((await call(`PATCH ${SESSIONS}/${id}`, { pinned: true, model: null })).status).toBe(200);
  expect((await call(`DELETE ${SESSIONS}/${id}`)).status).toBe(204);
  expect((await call('GET /api/v1/chat/search?q=a')).json()).toEqual({ results: [] });
  expect(calls).toEqual([
    ['get', 'ada', id, { limit: 1 }],
    ['update', 'ada', id, { pinned: true, model: null }],
    ['remove', 'ada', id],
    ['search', 'ada', { q: 'a', limit: 20 }],
  ]);
});

it('adds, edits and deletes messages', async () => {
  const { call, calls } = await startChatRoutes({
    store: { addMessage: async () => exampleQuestion, updateMessage: async () => exampleQuestion, removeMessage: async () => {} },
  });
  const path = `${SESSIONS}/${id}/messages`;
  expect((await call(`POST ${path}`, { role: 'user', content: 'a', meta: { x: [1] } })).status).toBe(201);
  expect((await call(`PATCH ${path}/${messageId}`, { content: 'b' })).json()).toEqual(exampleQuestion);
  expect((await call(`DELETE ${path}/${messageId}`)).status).toBe(204);
  expect(calls).toEqual([
    ['addMessage', 'ada', id, { role: 'user', content: 'a', meta: { x: [1] } }],
    ['updateMessage', 'ada', id, messageId, 'b'],
    ['removeMessage', 'ada', id, messageId],
  ]);
});

it.each([
  [`GET ${SESSIONS}/x`, 'CONVERSATION_NOT_FOUND', undefined],
  [`PATCH ${SESSIONS}/x`, 'CONVERSATION_NOT_FOUND', {}],
  [`DELETE ${SESSIONS}/x`, 'CONVERSATION_NOT_FOUND', undefined],
  [`POST ${SESSIONS}/x/messages`, 'CONVERSATION_NOT_FOUND', { role: 'user', content: 'a' }],
  [`PATCH ${SESSIONS}/${id}/messages/x`, 'NOT_FOUND', { content: 'a' }],
  [`DELETE ${SESSIONS}/${id}/messages/x`, 'NOT_FOUND', undefined],
  [`GET ${SESSIONS}/x/export`, 'CONVERSATION_NOT_FOUND', undefined],
  [`POST ${SESSIONS}/x/share`, 'CONVERSATION_NOT_FOUND', undefined],
  ['DELETE /api/v1/chat/templates/x', 'NOT_FOUND', undefined],
] as const)('responds to an id that is no UUID as to a missing object: %s', async (route, code, body) => {
  const { call, calls } = await startChatRoutes({});
  expect((await call(route, body)).code()).toBe(code);
  expect(calls).toEqual([]);
});

it('rejects text that cannot be stored', async () => {
  const { call } = await startChatRoutes({});
  for (const content of ['a\0', '\ud800'])
    expect((await call(`POST ${SESSIONS}/${id}/messages`, { role: 'user', content })).code()).toBe('VALIDATION_ERROR');
});
