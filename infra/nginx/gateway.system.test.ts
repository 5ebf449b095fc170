import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { resolve } from 'node:path';
import { SETTINGS } from '@prodigon/platform';
import { type RunningApp, startApp } from '@prodigon/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startReverseProxy } from './nginx.test-support.ts';

const FORGED = '203.0.113.7';
const CLIENT = '127.0.0.9';
const SECOND_MS = 1_000;

let gateway: RunningApp;
beforeAll(async () => {
  gateway = await startApp('gateway', { TRUSTED_PROXIES: '127.0.0.1' });
});
afterAll(() => gateway?.close());

/** Returns the duration of a directive in milliseconds, e.g. of `proxy_read_timeout 360s;`. */
function readDuration(file: string, directive: string): number {
  const text = readFileSync(resolve(import.meta.dirname, file), 'utf8');
  return Number(new RegExp(`^ *${directive} (\\d+)s;`, 'm').exec(text)?.[1]) * SECOND_MS;
}

/** Sends a request with a forged address, and returns the address in the log of the gateway. */
async function loggedAddressOf(port: number, query: string): Promise<string> {
  const path = `/api/v1/${query}`;
  const headers = { 'x-forwarded-for': FORGED, 'x-real-ip': FORGED, forwarded: `for=${FORGED}`, 'x-request-id': query };
  const [response] = await once(request({ host: '127.0.0.1', port, path, headers, localAddress: CLIENT }).end(), 'response');
  response.resume();
  return vi.waitFor(
    () => {
      const line = gateway
        .output()
        .split('\n')
        .find((each) => each.includes(`"${query}"`) && each.includes('client_address'));
      return JSON.parse(line ?? '').client_address;
    },
    { timeout: 60_000, interval: 20 },
  );
}

// Other systems have only one loopback address.
it.runIf(process.platform === 'linux')("the gateway believes nginx about the client's address, and nobody else", async () => {
  const { port } = await startReverseProxy([new URL(gateway.url).host]);
  expect(await loggedAddressOf(port, 'through-nginx')).toBe(CLIENT);
  expect(await loggedAddressOf(Number(new URL(gateway.url).port), 'directly')).toBe(CLIENT);
});

it('nginx waits longer than the longest response, and reuses no connection that the gateway may be closing', async () => {
  for (const [file, directive] of [
    ['routes.conf', 'proxy_read_timeout'],
    ['routes.conf', 'proxy_send_timeout'],
    ['nginx.conf', 'worker_shutdown_timeout'],
    ['nginx-tls.conf', 'worker_shutdown_timeout'],
  ] as const)
    expect([directive, readDuration(file, directive) > Number(SETTINGS.TOTAL_TIMEOUT_MS.default)]).toEqual([directive, true]);
  const response = await fetch(`${gateway.url}/livez`);
  const [, seconds] = /timeout=(\d+)/.exec(response.headers.get('keep-alive') ?? '') ?? [];
  expect(readDuration('upstreams.conf', 'keepalive_timeout')).toBeLessThan(Number(seconds) * SECOND_MS);
});
