import { describe, expect, it } from 'vitest';
import { findProxy } from './find-proxy.ts';

const HTTPS_PROXY = 'http://secure.example:3128';
const HTTP_PROXY = 'http://plain.example:3128';

describe('findProxy', () => {
  it('chooses the proxy by the protocol of the origin', () => {
    expect(findProxy({ HTTPS_PROXY, HTTP_PROXY }, 'https://api.example')).toBe(HTTPS_PROXY);
    expect(findProxy({ HTTPS_PROXY, HTTP_PROXY }, 'http://api.example')).toBe(HTTP_PROXY);
    expect(findProxy({ HTTPS_PROXY }, 'http://api.example')).toBeUndefined();
  });

  it.each(['http://127.0.0.1:11434', 'http://localhost:8080', 'http://[::1]:8080', 'https://127.0.0.2'])(
    'connects to %s directly',
    (origin) => expect(findProxy({ HTTPS_PROXY, HTTP_PROXY }, origin)).toBeUndefined(),
  );

  it.each([
    ['*', 'https://api.example'],
    ['api.example', 'https://api.example'],
    ['API.example', 'https://api.example'],
    ['example', 'https://api.example'],
    ['.example', 'https://api.example'],
    ['*.example', 'https://api.example'],
    ['api.example:443', 'https://api.example'],
    ['api.example:8443', 'https://api.example:8443'],
    ['10.1.2.3', 'https://10.1.2.3'],
    ['10.0.0.0/8', 'https://10.1.2.3'],
    ['fd00::1', 'https://[fd00::1]'],
    ['[fd00::1]:8443', 'https://[fd00::1]:8443'],
    ['fd00::/8', 'https://[fd00::1]'],
  ])('NO_PROXY=%s excludes %s', (entry, origin) => {
    expect(findProxy({ HTTPS_PROXY, NO_PROXY: ['other.test', entry] }, origin)).toBeUndefined();
  });

  it.each([
    ['pi.example', 'https://api.example'],
    ['api.example:8443', 'https://api.example'],
    ['1.2.3', 'https://10.1.2.3'],
    ['11.0.0.0/8', 'https://10.1.2.3'],
    ['10.0.0.0/99', 'https://10.1.2.3'],
    ['10.0.0.0/8', 'https://api.example'],
    ['fd00::/8', 'https://10.1.2.3'],
  ])('NO_PROXY=%s does not exclude %s', (entry, origin) => {
    expect(findProxy({ HTTPS_PROXY, NO_PROXY: [entry] }, origin)).toBe(HTTPS_PROXY);
  });
});
