import { performance } from 'node:perf_hooks';
import type { Client } from 'undici';
import type { Caller } from './create-caller.ts';

/**
 * Sends requests at a constant rate, independent of responses. A request that finds no free connection waits for one.
 * Latency counts from the scheduled time, so that queueing is included. Resolves when all requests have completed.
 */
export function runOpenLoop(
  connections: readonly Client[],
  { call }: Caller,
  { ratePerSecond, durationMs }: { ratePerSecond: number; durationMs: number },
): Promise<void> {
  const everyMs = 1_000 / ratePerSecond;
  const total = Math.max(1, Math.round(durationMs / everyMs));
  const startedAt = performance.now();
  const free = [...connections];
  const dueAt = (index: number) => startedAt + index * everyMs;
  let [due, sent, completed] = [0, 0, 0];

  return new Promise((resolve) => {
    const send = (connection: Client) => {
      call(connection, dueAt(sent), () => {
        completed += 1;
        if (completed === total) resolve();
        if (sent < due) send(connection);
        else free.push(connection);
      });
      sent += 1;
    };
    const tick = () => {
      const now = performance.now();
      while (due < total && dueAt(due) <= now) {
        due += 1;
        const connection = free.pop();
        if (connection) send(connection);
      }
      if (due < total) setTimeout(tick, dueAt(due) - now);
    };
    tick();
  });
}
