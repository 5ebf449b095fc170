import { describe, expect, it } from 'vitest';
import { findRemoteOrigin, isOwnAddress } from './local-client.ts';

const OWN = { remoteAddress: '127.0.0.1', headers: { host: 'localhost:8000' } };

describe('findRemoteOrigin', () => {
  it.each([
    ['a program on this machine', OWN],
    ['a program that connects over IPv6', { remoteAddress: '::1', headers: { host: '[::1]:8000' } }],
    ['a mapped IPv4 address', { remoteAddress: '::ffff:127.0.0.1', headers: { host: '127.0.0.1:8000' } }],
    ['a page of the platform', { ...OWN, headers: { ...OWN.headers, origin: 'http://localhost:8000' } }],
    ['a page of the platform that reads', { ...OWN, headers: { ...OWN.headers, 'sec-fetch-site': 'same-origin' } }],
  ])('accepts %s', (_case, origin) => {
    expect(findRemoteOrigin(origin)).toBeNull();
  });

  it.each([
    ['another machine', { ...OWN, remoteAddress: '192.0.2.1' }, 'same machine'],
    ['an unknown address', { ...OWN, remoteAddress: undefined }, 'same machine'],
    ['a proxy', { ...OWN, headers: { ...OWN.headers, 'x-forwarded-for': '127.0.0.1' } }, 'proxy'],
    ['a proxy with the standard header', { ...OWN, headers: { ...OWN.headers, forwarded: 'for=192.0.2.1' } }, 'proxy'],
    ['another host name', { ...OWN, headers: { host: 'evil.example:8000' } }, 'localhost'],
    ['no host name', { ...OWN, headers: {} }, 'localhost'],
    ['another port of this machine', { ...OWN, headers: { ...OWN.headers, origin: 'http://localhost:5173' } }, 'pages'],
    ['a sandboxed page', { ...OWN, headers: { ...OWN.headers, origin: 'null' } }, 'pages'],
    ['another page without Origin', { ...OWN, headers: { ...OWN.headers, 'sec-fetch-site': 'same-site' } }, 'pages'],
  ])('rejects %s', (_case, origin, reason) => {
    expect(findRemoteOrigin(origin)).toContain(reason);
  });
});

it.each([
  ['http://localhost:8000/v1', '127.0.0.1:8000', true],
  ['http://[::1]:8000', 'localhost:8000', true],
  ['http://127.0.0.1', 'localhost', true],
  ['http://127.0.0.1:11434', 'localhost:8000', false],
  ['http://gpu.example:8000', 'localhost:8000', false],
  ['https://localhost:8000', 'localhost:8000', false],
])('recognizes whether %s is the platform at %s', (address, host, isOwn) => {
  expect(isOwnAddress(address, host)).toBe(isOwn);
});
