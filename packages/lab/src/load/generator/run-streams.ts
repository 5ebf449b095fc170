import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'undici';
import type { Schedule } from '../load-plan.ts';
import type { Caller } from './create-caller.ts';

type StreamSchedule = Extract<Schedule, { type: 'streams' }>;

export interface StreamWindow {
  open(): void;
  close(): void;
  /** Resolves when the parent process asks to stop. */
  readonly stopRequested: Promise<void>;
}

/**
 * Opens each stream when it is due in the ramp. Then either each is read to its end so many times, or all are cut off
 * when the window is over; those that end before are opened again.
 */
export async function runStreams(
  connections: readonly Client[],
  caller: Caller,
  { rampMs, settleMs, times, durationMs }: StreamSchedule,
  window: StreamWindow,
): Promise<void> {
  const beganAt = performance.now();
  if (times !== null) window.open();
  let isOver = false;
  const keepOpen = async (connection: Client, index: number) => {
    const dueAt = beganAt + (index * rampMs) / connections.length;
    if (dueAt > performance.now()) await pause(dueAt - performance.now());
    for (let turn = 0; !isOver && (times === null || turn < times); turn += 1)
      await new Promise<void>((resolve) => caller.call(connection, turn === 0 ? dueAt : performance.now(), resolve));
  };
  const all = Promise.all(connections.map(keepOpen));
  if (times === null) {
    await pause(rampMs + settleMs);
    window.open();
    await (durationMs === null ? window.stopRequested : pause(durationMs));
    window.close();
    isOver = true;
    caller.cutOff();
    for (const connection of connections) void connection.destroy();
  }
  await all;
}
