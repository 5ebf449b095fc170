import { randomBytes, randomUUID } from 'node:crypto';
import { startTestRedis } from '@prodigon/testing';
import type { Peer, RunningPeer } from './peer.ts';
import { createProdigon, type ProdigonOptions } from './prodigon.ts';

/** Never reached, so that every request pays for the limits and none is rejected. */
const LIMITS = { LIMIT_REQUESTS_PER_MIN: '1000000000', LIMIT_TOKENS_PER_MIN: '1000000000', LIMIT_STREAMS: '100000' };

/** Runs Prodigon with a stored API key and every limit, which it counts in memory or in a Redis of its own. */
export function createWithLimits(options: ProdigonOptions & { readonly name: string; readonly hasRedis: boolean }): Peer {
  const { hasRedis, ...prodigonOptions } = options;
  const internalToken = randomBytes(24).toString('base64url');
  const createPeer = (redis: { readonly REDIS_URL?: string }) =>
    createProdigon({
      ...prodigonOptions,
      settings: { ...options.settings, ...LIMITS, ...redis, REQUIRE_API_KEY: 'on', INTERNAL_TOKEN: internalToken },
    });
  return {
    ...createPeer({}),
    async start(startOptions) {
      const redis = hasRedis ? await startTestRedis() : undefined;
      let peer: RunningPeer | undefined;
      const close = async () => {
        await peer?.close();
        await redis?.close();
      };
      try {
        peer = await createPeer(redis ? { REDIS_URL: redis.url } : {}).start(startOptions);
        const key = await createKey(peer.url, internalToken);
        return { ...peer, headers: { ...peer.headers, authorization: `Bearer ${key}` }, close };
      } catch (error) {
        await close();
        throw error;
      }
    },
  };
}

/** Creates a key of a member without a budget, and returns its value. */
async function createKey(url: string, internalToken: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${internalToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: `bench-${randomUUID()}`, owner: 'bench', role: 'member' }),
  });
  if (!response.ok) throw new Error(`The platform created no key: ${response.status}`);
  const { key } = (await response.json()) as { key: string };
  return key;
}
