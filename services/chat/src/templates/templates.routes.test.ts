import { expect, it } from 'vitest';
import { startChatRoutes } from '../chat-routes.test-support.ts';
import { createTemplate } from './templates.operations.ts';

const template = createTemplate.responses[201].content['application/json'].examples.example as { id: string };

it('creates, lists, updates and deletes templates of the caller', async () => {
  const { call, calls } = await startChatRoutes({
    templates: {
      create: async () => template as never,
      list: async () => [template as never],
      update: async () => template as never,
      remove: async () => {},
    },
  });
  const path = '/api/v1/chat/templates';
  const created = await call(`POST ${path}`, { name: ' A ', content: '{{b}}' });
  expect([created.status, created.headers.location, created.json()]).toEqual([201, `${path}/${template.id}`, template]);
  expect((await call(`GET ${path}`)).json()).toEqual({ templates: [template] });
  expect((await call(`PATCH ${path}/${template.id}`, { name: 'B' })).json()).toEqual(template);
  expect((await call(`DELETE ${path}/${template.id}`)).status).toBe(204);
  expect(calls).toEqual([
    ['create', 'ada', { name: 'A', content: '{{b}}', kind: 'question' }],
    ['list', 'ada'],
    ['update', 'ada', template.id, { name: 'B' }],
    ['remove', 'ada', template.id],
  ]);
});
