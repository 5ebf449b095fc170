import { randomBytes } from 'node:crypto';
import { startTestRedis } from '@prodigon/testing';
import type { Peer } from './peer.ts';
import { createProdigon, type ProdigonOptions } from './prodigon.ts';

/** Never reached, so that every request pays for the limits and none is rejected. */
const LIMITS = { LIMIT_REQUESTS_PER_MIN: '1000000000', LIMIT_TOKENS_PER_MIN: '1000000000', LIMIT_STREAMS: '100000' };

/** Runs Prodigon with an API key and every limit, which it counts in memory or in a Redis of its own. */
export function createWithLimits(options: ProdigonOptions & { readonly name: string; readonly hasRedis: boolean }): Peer {
  const { hasRedis, ...prodigonOptions } = options;
  const key = randomBytes(24).toString('base64url');
  const createPeer = (redis: { readonly REDIS_URL?: string }) =>
    createProdigon({
      ...prodigonOptions,
      settings: { ...options.settings, ...LIMITS, ...redis, API_KEYS: `bench=${key}` },
    });
  return {
    ...createPeer({}),
    async start(startOptions) {
      const redis = hasRedis ? await startTestRedis() : undefined;
      try {
        const peer = await createPeer(redis ? { REDIS_URL: redis.url } : {}).start(startOptions);
        const close = async () => {
          await peer.close();
          await redis?.close();
        };
        return { ...peer, headers: { ...peer.headers, authorization: `Bearer ${key}` }, close };
      } catch (error) {
        await redis?.close();
        throw error;
      }
    },
  };
}
