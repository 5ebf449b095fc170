import { performance } from 'node:perf_hooks';
import type { Client } from 'undici';
import type { Caller } from './create-caller.ts';

/**
 * Sends calls when they are due, whether or not earlier ones are answered. A call that finds no free connection waits
 * for one, and its time runs from when it was due. Resolves when all are answered.
 */
export function runOpenLoop(
  connections: readonly Client[],
  { call }: Caller,
  { ratePerSecond, durationMs }: { ratePerSecond: number; durationMs: number },
): Promise<void> {
  const everyMs = 1_000 / ratePerSecond;
  const total = Math.max(1, Math.round(durationMs / everyMs));
  const beganAt = performance.now();
  const free = [...connections];
  const dueAt = (index: number) => beganAt + index * everyMs;
  let [due, sent, answered] = [0, 0, 0];

  return new Promise((resolve) => {
    const send = (connection: Client) => {
      call(connection, dueAt(sent), () => {
        answered += 1;
        if (answered === total) resolve();
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
