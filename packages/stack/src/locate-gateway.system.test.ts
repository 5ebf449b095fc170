import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakePlatform, type FakePlatform } from './fake-platform.test-support.ts';
import { createStack, locateGateway } from './index.ts';

let platform: FakePlatform;
beforeEach(() => {
  platform = createFakePlatform();
});
afterEach(() => platform.remove());

const locate = (env: NodeJS.ProcessEnv, url?: string) => locateGateway({ env, rootDirectory: platform.rootDirectory, url });
const API_KEYS = 'first-key-of-this-machine,second-key-of-this-machine';

describe('the gateway URL', () => {
  it('locates the gateway at the configured address when no stack is running', () => {
    expect(locate({}).url).toBe('http://127.0.0.1:8000');
    expect(locate({ HOST: '0.0.0.0', GATEWAY_PORT: '9000', API_KEYS }).url).toBe('http://127.0.0.1:9000');
    expect(locate({ HOST: '::1' }).url).toBe('http://[::1]:8000');
  });

  it('locates the gateway at the address of the running stack unless the caller passes a URL', async () => {
    const stack = createStack({ topology: 'services', ...platform });
    const url = await stack.start();
    expect(locate(platform.env).url).toBe(url);
    expect(locate(platform.env, 'http://elsewhere.example/').url).toBe('http://elsewhere.example');
    await stack.stop();
  });
});

describe('the API key', () => {
  it('returns the first of API_KEYS, but only for a gateway on this machine', () => {
    expect(locate({ API_KEYS }).apiKey).toBe('first-key-of-this-machine');
    expect(locate({ API_KEYS }, 'https://elsewhere.example').apiKey).toBeUndefined();
  });

  it('prefers PRODIGON_API_KEY to API_KEYS', () => {
    expect(locate({ API_KEYS, PRODIGON_API_KEY: 'mine' }, 'https://elsewhere.example').apiKey).toBe('mine');
  });
});
