import type { ApiKey } from '@prodigon/contracts';
import { expect, it } from 'vitest';
import { errorResponse, type FakeResponse, jsonResponse, startFakeGateway } from './fake-gateway.test-support.ts';
import { createHttpClient } from './http-client.ts';
import { createKeysApi } from './keys-api.ts';

const KEY: ApiKey = {
  id: '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d5e',
  name: 'laptop',
  owner: 'ada',
  role: 'member',
  parent_id: null,
  created_at: '2026-03-10T12:00:00.000Z',
  last_used_at: null,
  expires_at: null,
  revoked_at: null,
  previous_expires_at: null,
  limits: { requests_per_min: null, tokens_per_min: null, streams: null },
  budget: { usd_per_day: null, usd_per_month: null, tokens_per_day: null, tokens_per_month: null },
  models: null,
  spending: null,
};
const CREATED = { ...KEY, key: 'prodigon_value' };

async function startKeys(...responses: FakeResponse[]) {
  const { baseUrl, requests } = await startFakeGateway(...responses);
  const keys = createKeysApi(createHttpClient({ baseUrl, apiKey: () => 'a-key' }));
  return { keys, lines: () => requests.map(({ line, body }) => `${line} ${body}`.trim()) };
}

it('lists, reads and changes keys', async () => {
  const { keys, lines } = await startKeys(jsonResponse({ keys: [KEY] }), ...Array.from({ length: 4 }, () => jsonResponse(KEY)));
  expect(await keys.list()).toEqual({ keys: [KEY] });
  expect(await keys.get('environment:ada')).toEqual(KEY);
  expect(await keys.update(KEY.id, { limits: { streams: 2 } })).toEqual(KEY);
  expect(await keys.revoke(KEY.id)).toEqual(KEY);
  expect(await keys.restore(KEY.id)).toEqual(KEY);
  expect(lines()).toEqual([
    'GET /api/v1/keys',
    'GET /api/v1/keys/environment%3Aada',
    `PATCH /api/v1/keys/${KEY.id} {"limits":{"streams":2}}`,
    `DELETE /api/v1/keys/${KEY.id}`,
    `PATCH /api/v1/keys/${KEY.id} {"revoked":false}`,
  ]);
});

it('returns the value of a new or rotated key', async () => {
  const { keys, lines } = await startKeys(...Array.from({ length: 3 }, () => jsonResponse(CREATED)));
  expect(await keys.create({ name: 'laptop' })).toEqual(CREATED);
  expect(await keys.rotate(KEY.id, 60)).toEqual(CREATED);
  expect(await keys.rotate(KEY.id)).toEqual(CREATED);
  expect(lines()).toEqual([
    'POST /api/v1/keys {"name":"laptop"}',
    `POST /api/v1/keys/${KEY.id}/rotate {"overlap_seconds":60}`,
    `POST /api/v1/keys/${KEY.id}/rotate {}`,
  ]);
});

it('throws the error of the gateway', async () => {
  const { keys } = await startKeys(errorResponse('API_KEY_NOT_FOUND', 404));
  await expect(keys.get(KEY.id)).rejects.toMatchObject({ code: 'API_KEY_NOT_FOUND' });
});
