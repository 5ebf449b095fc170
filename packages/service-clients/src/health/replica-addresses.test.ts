import { describe, expect, it, vi } from 'vitest';
import { createReplicaAddresses } from './replica-addresses.ts';

const URL_OF_NAME = 'http://model.example.com:8001';

/** `listed` are the addresses of the name. `next` returns the numbers and URLs, `ms` later. */
function start(listed: readonly string[], urls: readonly string[] = [URL_OF_NAME]) {
  let time = 0;
  const lookUp = vi.fn(async (_hostname: string): Promise<readonly string[]> => listed);
  const addresses = createReplicaAddresses({ urls, timeoutMs: 20, lookUp, now: () => time });
  async function next(ms = 0) {
    time += ms;
    return (await addresses()).map(({ number, url }) => [number, url]);
  }
  /** Resolves the name again, in the background of a call. */
  async function resolveAgain() {
    await next(5_000);
    await new Promise(setImmediate);
    return next();
  }
  return { lookUp, next, resolveAgain, addresses };
}

describe('the addresses of replicas', () => {
  it('are those of the host name, sorted and without duplicates', async () => {
    const { next, addresses } = start(['10.0.0.2', '10.0.0.1', '10.0.0.2']);
    expect(await next()).toEqual([
      [1, 'http://10.0.0.1:8001'],
      [2, 'http://10.0.0.2:8001'],
    ]);
    expect((await addresses()).map(({ host }) => host)).toEqual(Array(2).fill('model.example.com:8001'));
  });

  it('keep their numbers while the name lists them, and new ones get the lowest free numbers', async () => {
    const { lookUp, next, resolveAgain } = start(['10.0.0.5', '10.0.0.6', '10.0.0.7']);
    await next();
    lookUp.mockResolvedValue(['10.0.0.1', '10.0.0.2', '10.0.0.6']);
    expect(await resolveAgain()).toEqual([
      [1, 'http://10.0.0.1:8001'],
      [2, 'http://10.0.0.6:8001'],
      [3, 'http://10.0.0.2:8001'],
    ]);
    lookUp.mockResolvedValue(['10.0.0.2']);
    expect(await resolveAgain()).toEqual([[3, 'http://10.0.0.2:8001']]);
  });

  it('are resolved again after five seconds, without a delay of the caller', async () => {
    const { lookUp, next } = start(['10.0.0.1']);
    await next();
    await next(4_999);
    expect(lookUp).toHaveBeenCalledTimes(1);
    lookUp.mockReturnValue(new Promise(() => {}));
    expect(await next(1)).toEqual([[1, 'http://10.0.0.1:8001']]);
    await next();
    expect(lookUp).toHaveBeenCalledTimes(2);
  });

  it('stay while the name cannot be resolved', async () => {
    const { lookUp, next, resolveAgain } = start(['10.0.0.1', '10.0.0.2']);
    const before = await next();
    lookUp.mockRejectedValue(new Error('SERVFAIL'));
    expect(await resolveAgain()).toEqual(before);
  });

  it('are the name itself until it has been resolved, which delays only the first callers', async () => {
    const { lookUp, next, resolveAgain } = start([]);
    const { promise, resolve } = Promise.withResolvers<readonly string[]>();
    lookUp.mockReturnValue(promise);
    expect(await next()).toEqual([[1, URL_OF_NAME]]);
    resolve([]);
    expect(await resolveAgain()).toEqual([[1, URL_OF_NAME]]);
    lookUp.mockResolvedValue(['10.0.0.1']);
    expect(await resolveAgain()).toEqual([[1, 'http://10.0.0.1:8001']]);
  });

  it('are the URLs of hosts that are not names, in their order and unresolved', async () => {
    const urls = ['http://10.0.0.9:8001', 'http://127.0.0.1:8001', 'http://localhost:8002', 'https://model.example.com'];
    const { lookUp, next } = start([], urls);
    expect(await next()).toEqual(urls.map((url, index) => [index + 1, url]));
    expect(lookUp).not.toHaveBeenCalled();
  });
});
