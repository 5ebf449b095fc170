import { API_KEY_PREFIX, type ApiKey } from '@prodigon/contracts';
import type { Stack } from '@prodigon/stack';
import { describe, expect, it } from 'vitest';
import { jsonResponse, startFakeGateway } from '../../../packages/api-client/src/fake-gateway.test-support.ts';
import { createKeyFixture } from './commands/keys/run-keys.test-support.ts';
import { describeRunning } from './startup-message.ts';

const TOKEN = `${API_KEY_PREFIX}internal-token-of-this-test`;

const running = (configuration: { USE_MOCK?: boolean; REQUIRE_API_KEY?: boolean }, url = 'http://127.0.0.1:9') =>
  describeRunning(
    url,
    { internalToken: TOKEN, settings: { configuration, rootDirectory: '/nowhere' }, processes: [] } as unknown as Stack,
    [{ variable: 'HTTPS_PROXY', origin: 'http://proxy.example:3128' }],
  );

it('names the proxies of the providers, unless only offline models run', async () => {
  expect(await running({})).toMatch(/^ {2}Proxy {3}Providers with https addresses .* http:\/\/proxy\.example:3128/m);
  expect(await running({ USE_MOCK: true })).not.toContain('Proxy');
});

describe('a platform that requires a key', () => {
  async function start(...keys: ApiKey[]) {
    const { baseUrl, requests } = await startFakeGateway(
      jsonResponse({ default_model: 'large', models: [], retired: [], problems: [], accepts_other_ids: false }),
      jsonResponse({ keys }),
    );
    return { message: await running({ REQUIRE_API_KEY: true }, baseUrl), requests };
  }
  const HINT = '  Keys    none yet: ./prodigon keys create <name> --owner <owner> --role admin';

  it('lists its models to the operator, and names how to create the first key', async () => {
    const { message, requests } = await start(createKeyFixture({ revoked_at: '2026-01-01T12:00:00.000Z' }));
    expect(message.split('\n')).toEqual(expect.arrayContaining(['  Model   large', HINT]));
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${TOKEN}`, `Bearer ${TOKEN}`]);
  });

  it('names no next step once it has a valid key', async () => {
    expect((await start(createKeyFixture())).message).not.toContain('Keys');
  });
});
