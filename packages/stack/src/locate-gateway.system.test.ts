import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakePlatform, type FakePlatform } from './fake-platform.test-support.ts';
import { createStack, locateGateway } from './index.ts';

let platform: FakePlatform;
beforeEach(() => {
  platform = createFakePlatform();
});
afterEach(() => platform.remove());

const locate = (env: NodeJS.ProcessEnv, url?: string) => locateGateway({ env, rootDirectory: platform.rootDirectory, url });

describe('the gateway URL', () => {
  it('locates the gateway at the address of the running stack unless the caller passes a URL', async () => {
    const stack = createStack({ topology: 'services', ...platform });
    const url = await stack.start();
    expect(locate(platform.env).url).toBe(url);
    expect(locate(platform.env, 'http://elsewhere.example/').url).toBe('http://elsewhere.example');
    await stack.stop();
  });
});
