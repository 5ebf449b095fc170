import { describe, expect, it } from 'vitest';
import { startFakeGateway } from './fake-gateway.test-support.ts';

describe('the API of keys', () => {
  it('sends each call to its path', async () => {
    const { client, requests } = await startFakeGateway((response) => response.writeHead(404).end());
    const calls = [
      () => client.me(),
      () => client.keys.list(),
      () => client.keys.get('environment:a b'),
      () => client.keys.create({ name: 'ci' }),
      () => client.keys.update('1', { name: 'new' }),
      () => client.keys.revoke('1'),
      () => client.keys.restore('1'),
      () => client.keys.rotate('1', 60),
    ];
    for (const call of calls) await expect(call()).rejects.toThrow();
    expect(requests.map(({ line, body }) => [line, body])).toEqual([
      ['GET /api/v1/me', ''],
      ['GET /api/v1/keys', ''],
      ['GET /api/v1/keys/environment%3Aa%20b', ''],
      ['POST /api/v1/keys', '{"name":"ci"}'],
      ['PATCH /api/v1/keys/1', '{"name":"new"}'],
      ['DELETE /api/v1/keys/1', ''],
      ['PATCH /api/v1/keys/1', '{"revoked":false}'],
      ['POST /api/v1/keys/1/rotate', '{"overlap_seconds":60}'],
    ]);
  });
});
