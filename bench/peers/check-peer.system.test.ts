import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTestDatabase, type TestDatabase } from '@prodigon/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MeasuredProcess } from '../common/measured-process.ts';
import { startProvider } from '../provider/start-provider.ts';
import { createBareProxies } from './bare-proxies.ts';
import { checkPeer } from './check-peer.ts';
import { direct } from './direct.ts';
import { createProdigon } from './prodigon.ts';

const ENV = { PATH: process.env.PATH, HOME: process.env.HOME };

let provider: MeasuredProcess;
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  provider = await startProvider({ env: ENV });
});
afterAll(async () => {
  await provider.close();
  await database.drop();
});

describe('whoever is measured', () => {
  // nginx and Portkey, which have to be installed first, are checked alike whenever they are measured.
  it.each([
    ['nobody in between', () => direct],
    ['one bare proxy', () => createBareProxies(1)],
    ['two bare proxies', () => createBareProxies(2)],
    ['our services', () => createProdigon({ topology: 'services', databaseUrl: database.url })],
    ['our monolith', () => createProdigon({ topology: 'monolith', databaseUrl: database.url })],
  ])('passes on what the provider says, whole and streamed: %s', async (name, create) => {
    const peer = await create().start({ providerUrl: provider.url, env: ENV });
    try {
      await checkPeer(name, peer);
    } finally {
      await peer.close();
    }
  });

  it('is refused when it answers something else', async () => {
    const server = createServer((_, response) => response.end('{"choices":[{"message":{"content":"Something else"}}]}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const peer = { url, path: '/', headers: {}, pids: [], close: async () => {} };
    await expect(checkPeer('A liar', peer)).rejects.toThrow('A liar changed the answer of 50 tokens to: Something else');
    server.close();
  });
});
