import { performance } from 'node:perf_hooks';
import type { Client } from 'undici';
import type { Caller } from './create-caller.ts';

/** Sends requests for `durationMs`: each connection sends its next request when the previous one completes. */
export function runClosedLoop(connections: readonly Client[], { call }: Caller, durationMs: number): Promise<unknown> {
  const endsAt = performance.now() + durationMs;
  const keepCalling = (connection: Client) =>
    new Promise<void>((resolve) => {
      const next = () => {
        const now = performance.now();
        if (now >= endsAt) resolve();
        else call(connection, now, next);
      };
      next();
    });
  return Promise.all(connections.map(keepCalling));
}
