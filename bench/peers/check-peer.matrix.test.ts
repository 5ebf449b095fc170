import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTestDatabase, matrixOf, type TestDatabase } from '@prodigon/testing';
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

// Benchmarks run the same check for nginx, Portkey and LiteLLM, which tests do not install.
const PEERS = [
  ['the provider itself', () => direct],
  ['one bare proxy', () => createBareProxies(1)],
  ['two bare proxies', () => createBareProxies(2)],
  ['Prodigon, services', () => createProdigon({ topology: 'services', databaseUrl: database.url })],
  ['Prodigon, monolith', () => createProdigon({ topology: 'monolith', databaseUrl: database.url })],
] as const;
const isProdigon = (name: string) => name.startsWith('Prodigon');

describe('checkPeer', () => {
  it.each(matrixOf(PEERS, ([name]) => !isProdigon(name)))(
    'accepts a peer that forwards complete and streamed responses unchanged: %s',
    async (name, create) => {
      const peer = await create().start({ providerUrl: provider.url, env: ENV });
      try {
        await checkPeer(name, peer);
      } finally {
        await peer.close();
      }
    },
  );

  it.each(matrixOf(['response'], () => true))('rejects a peer that changes a %s', async () => {
    const server = createServer((_, response) => response.end('{"choices":[{"message":{"content":"Something else"}}]}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const peer = { url, path: '/', headers: {}, pids: [], close: async () => {} };
    await expect(checkPeer('A faulty peer', peer)).rejects.toThrow(
      'A faulty peer changed the response of 50 tokens to: Something else',
    );
    server.close();
  });
});
