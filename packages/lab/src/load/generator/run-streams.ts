import { performance } from 'node:perf_hooks';
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
 * Opens the streams one after another during the ramp. With `times`, reads each stream to its end that many times.
 * Otherwise reopens streams that end, and cancels all of them when the measurement window closes.
 */
export async function runStreams(
  connections: readonly Client[],
  caller: Caller,
  { rampMs, settleMs, times, durationMs }: StreamSchedule,
  window: StreamWindow,
): Promise<void> {
  const startedAt = performance.now();
  if (times !== null) window.open();
  let isOver = false;
  const keepOpen = async (connection: Client, index: number) => {
    const dueAt = startedAt + (index * rampMs) / connections.length;
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

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
