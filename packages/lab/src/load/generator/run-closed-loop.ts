import { performance } from 'node:perf_hooks';
import type { Client } from 'undici';
import type { Caller } from './create-caller.ts';

/** Each connection sends its next call as soon as the last one is answered, until the time is over. */
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
