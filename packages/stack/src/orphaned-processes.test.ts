import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { aliveProcesses, stopOrphans } from './orphaned-processes.ts';
import { identifyProcess, type ProcessIdentity } from './process-identity.ts';
import type { StackEvent } from './stack-event.ts';
import type { StackState } from './state-file.ts';
import { createManualTimers, type ManualTimers } from './timers.test-support.ts';

const POLL_INTERVAL_MS = 25;
const DEAD: ProcessIdentity = { pid: process.pid, started: 'another boot 1' };

/** Returns the identity of a running process: that of the test. `end` makes it that of an ended one. */
const running = (): ProcessIdentity => identifyProcess(process.pid) ?? DEAD;
const end = (identity: ProcessIdentity) => void Object.assign(identity, DEAD);

let timers: ManualTimers;
let events: StackEvent[];
let signals: unknown[];
let onSignal: (signal: unknown) => void;

beforeEach(() => {
  timers = createManualTimers();
  [events, signals, onSignal] = [[], [], () => {}];
  vi.spyOn(process, 'kill').mockImplementation((_pid, signal) => {
    signals.push(signal);
    onSignal(signal);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

const processOf = (service: 'model' | 'worker' | 'database', identity: ProcessIdentity | null) => ({
  service,
  title: service,
  process: identity,
  url: null,
  restarts: 0,
});
const stateOf = (...processes: StackState['processes']): StackState => ({
  version: '0.1.0',
  topology: 'services',
  started_at: new Date(0).toISOString(),
  supervisor: DEAD,
  only: null,
  url: null,
  processes,
});
const stop = (...processes: StackState['processes']) => stopOrphans(stateOf(...processes), timers, (event) => events.push(event));

/** Fires the next poll and lets `stopOrphans` react to it. */
async function poll(): Promise<void> {
  timers.fire(POLL_INTERVAL_MS);
  await Promise.resolve();
}

describe('aliveProcesses', () => {
  it('returns the processes that still run under their recorded identity', () => {
    const alive = running();
    const state = stateOf(processOf('model', alive), processOf('worker', DEAD), processOf('worker', null));
    expect(aliveProcesses(state)).toEqual([{ service: 'model', title: 'model', process: alive }]);
  });
});

describe('stopOrphans', () => {
  it('signals no process when none runs', async () => {
    await stop(processOf('model', DEAD), processOf('worker', null));
    expect([events, signals, timers.waiting()]).toEqual([[], [], []]);
  });

  it('leaves the database running', async () => {
    await stop(processOf('database', running()));
    expect([events, signals]).toEqual([[], []]);
  });

  it('asks each process to stop and waits until all of them have ended', async () => {
    const [model, worker] = [running(), running()];
    const stopped = stop(processOf('model', model), processOf('worker', worker));
    expect(signals).toEqual(['SIGTERM', 'SIGTERM']);
    expect(events).toEqual([
      { type: 'orphan', service: 'model', message: `A model of an earlier start still runs (pid ${process.pid}). Stopping it.` },
      {
        type: 'orphan',
        service: 'worker',
        message: `A worker of an earlier start still runs (pid ${process.pid}). Stopping it.`,
      },
    ]);
    end(model);
    await poll();
    expect(timers.waiting()).toEqual([POLL_INTERVAL_MS]);
    end(worker);
    await poll();
    await stopped;
    expect([signals.length, events.length]).toEqual([2, 2]);
  });

  it('kills the processes that still run after more than three seconds, once', async () => {
    const [model, worker] = [running(), running()];
    const stopped = stop(processOf('model', model), processOf('worker', worker));
    end(worker);
    timers.pass(3_000 - POLL_INTERVAL_MS);
    await poll();
    expect(signals).toEqual(['SIGTERM', 'SIGTERM']);
    await poll();
    expect(signals).toEqual(['SIGTERM', 'SIGTERM', 'SIGKILL']);
    expect(events.slice(2)).toEqual([
      { type: 'killed', service: 'model', message: 'The model of an earlier start did not stop in time. Killed it.' },
    ]);
    await poll();
    expect([signals.length, events.length]).toEqual([3, 3]);
    end(model);
    await poll();
    await stopped;
  });

  it('rejects when a process still runs after more than ten seconds', async () => {
    const stopped = stop(processOf('model', running()));
    const rejected = expect(stopped).rejects.toMatchObject({
      name: 'StackError',
      message: `Process ${process.pid} of an earlier start cannot be stopped.`,
    });
    timers.pass(10_000 - POLL_INTERVAL_MS);
    await poll();
    expect(timers.waiting()).toEqual([POLL_INTERVAL_MS]);
    await poll();
    await rejected;
    expect(timers.waiting()).toEqual([]);
  });
});
