import type { ProviderSettingsClient } from '@prodigon/ports';
import { expect, it } from 'vitest';
import { createContext, createFakeTransport } from './fake-transport.test-support.ts';
import { createRemoteProviderSettings, createReplicatedProviderSettings } from './remote-provider-settings.ts';

it('sends settings in the body only', async () => {
  const transport = createFakeTransport({ chunks: ['{}'] });
  const client = createRemoteProviderSettings({ transport, internalToken: 'token' });
  await client.save('a/b', { api_key: 'secret-key' }, createContext());
  await client.remove('acme', createContext());
  await client.reload(createContext());
  expect(transport.requests.map(({ method, path, body }) => [method, path, body])).toEqual([
    ['POST', '/internal/v1/providers/a%2Fb/settings', '{"api_key":"secret-key"}'],
    ['DELETE', '/internal/v1/providers/acme/settings', undefined],
    ['POST', '/internal/v1/providers/reload', undefined],
  ]);
});

it('lets every replica apply a change, also when one of them is down', async () => {
  const calls: string[] = [];
  const replica = (name: string, isDown = false): ProviderSettingsClient => ({
    list: async () => [],
    save: async () => void calls.push(`${name} save`),
    remove: async () => void calls.push(`${name} remove`),
    async reload() {
      calls.push(`${name} reload`);
      if (isDown) throw new Error('down');
    },
  });
  const [one, down, three] = [replica('one'), replica('down', true), replica('three')];
  const client = createReplicatedProviderSettings(one, async () => [one, down, three]);
  await client.save('acme', {}, createContext());
  await client.remove('acme', createContext());
  const reloads = ['one reload', 'down reload', 'three reload'];
  expect(calls).toEqual(['one save', ...reloads, 'one remove', ...reloads]);
});
