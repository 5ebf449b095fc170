import type { Stack } from '@prodigon/stack';
import { expect, it } from 'vitest';
import { describeRunning } from './startup-message.ts';

const running = (USE_MOCK: boolean) =>
  describeRunning(
    'http://127.0.0.1:9',
    { internalToken: null, settings: { configuration: { USE_MOCK, API_KEYS: [] }, rootDirectory: '/nowhere' }, processes: [] } as unknown as Stack,
    [{ variable: 'HTTPS_PROXY', origin: 'http://proxy.example:3128' }],
  );

it('names the proxies of the providers, unless only offline models run', async () => {
  expect(await running(false)).toMatch(/^ {2}Proxy {3}Providers with https addresses .* http:\/\/proxy\.example:3128/m);
  expect(await running(true)).not.toContain('Proxy');
});
