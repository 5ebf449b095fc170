import type { NetworkInterfaceInfo } from 'node:os';
import { expect, it } from 'vitest';
import { internalUrl } from './internal-url.ts';

const address = (address: string, { internal = false } = {}) =>
  ({ address, internal, family: address.includes(':') ? 'IPv6' : 'IPv4' }) as NetworkInterfaceInfo;
const LOOPBACK = { lo: [address('127.0.0.1', { internal: true }), address('::1', { internal: true })] };

it.each([
  ['127.0.0.1', {}, 'http://127.0.0.1:8004'],
  ['::1', {}, 'http://[::1]:8004'],
  ['gateway.internal', {}, 'http://gateway.internal:8004'],
  ['0.0.0.0', {}, 'http://127.0.0.1:8004'],
  ['0.0.0.0', { eth0: [address('fd00::5'), address('10.1.2.3')] }, 'http://10.1.2.3:8004'],
  ['::', { eth0: [address('fe80::1'), address('fd00::5')] }, 'http://[fd00::5]:8004'],
  ['0.0.0.0', { eth0: [address('169.254.1.1'), address('10.1.2.3')] }, 'http://10.1.2.3:8004'],
])('names an address of %s that other gateways can reach', (host, interfaces, url) => {
  expect(internalUrl(host, 8004, { ...LOOPBACK, ...interfaces })).toBe(url);
});
