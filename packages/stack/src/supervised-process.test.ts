import { beforeEach, describe, expect, it } from 'vitest';
import { identifyProcess } from './process-identity.ts';
import type { StackError } from './stack-error.ts';
import type { StackEvent } from './stack-event.ts';
import { FakeChild } from './supervised-process.test-support.ts';
import { createSupervisedProcess, type SupervisedProcess } from './supervised-process.ts';
import { createManualTimers, type ManualTimers } from './timers.test-support.ts';

const URL = 'http://127.0.0.1:8001';
const READY_TIMEOUT_MS = 60_000;

let timers: ManualTimers;
let children: FakeChild[];
let urls: (string | null)[];
let events: StackEvent[];
let fatalErrors: StackError[];
let changes: number;
/** The pid of the next process; undefined when the next process cannot start. */
let nextPid: number | undefined;
let supervised: SupervisedProcess;

beforeEach(() => {
  timers = createManualTimers();
  [children, urls, events, fatalErrors, changes, nextPid] = [[], [], [], [], 0, process.pid];
  supervised = createSupervisedProcess({
    service: 'model',
    title: 'model service',
    timers,
    spawn({ url }) {
      const child = new FakeChild(nextPid);
      children.push(child);
      urls.push(url);
      return child.asChildProcess();
    },
    onEvent: (event) => events.push(event),
    onChange: () => {
      changes += 1;
    },
    onFatalError: (error) => fatalErrors.push(error),
  });
});

function latest(): FakeChild {
  const child = children.at(-1);
  if (!child) throw new Error('No process has started');
  return child;
}

const messages = () => events.map(({ message }) => message);

/** Starts the process and makes it ready. */
async function startReady(): Promise<FakeChild> {
  const started = supervised.start();
  latest().becomeReady(URL);
  await started;
  return latest();
}

/** Ends the running process, fires its restart and makes the new process ready. */
function crashAndRecover(delayMs: number): void {
  latest().exit(1);
  timers.fire(delayMs);
  latest().becomeReady(URL);
}

describe('start', () => {
  it('resolves with the URL of the ready message and stops waiting for it', async () => {
    const started = supervised.start();
    expect(timers.waiting()).toEqual([READY_TIMEOUT_MS]);
    expect([supervised.url, supervised.identity, changes]).toEqual([null, identifyProcess(process.pid), 1]);
    latest().becomeReady(URL);
    expect(await started).toBe(URL);
    expect(timers.waiting()).toEqual([]);
    expect([supervised.url, supervised.publicUrl, supervised.restarts, changes]).toEqual([URL, URL, 0, 2]);
    expect(events).toEqual([]);
  });

  it.each([[null], ['ready'], [7], [{ type: 'ready' }], [{ url: URL }], [{ type: 'open', url: URL }]])(
    'ignores a message that does not announce readiness: %j',
    (message) => {
      void supervised.start();
      latest().emit('message', message);
      expect(supervised.url).toBeNull();
      expect(timers.waiting()).toEqual([READY_TIMEOUT_MS]);
    },
  );

  it('kills a process that is not ready after a minute and restarts it', () => {
    void supervised.start();
    const [first] = children;
    timers.fire(READY_TIMEOUT_MS);
    expect(first?.signals).toEqual(['SIGKILL']);
    expect(events).toEqual([{ type: 'killed', service: 'model', message: 'model service was not ready after 60 s. Killed it.' }]);
    first?.exit(null, 'SIGKILL');
    expect(messages().at(-1)).toBe('model service stopped (killed by SIGKILL). Restarting in 0.3 s.');
    expect(timers.waiting()).toEqual([250]);
  });

  it('rejects after five starts that were never ready', async () => {
    const started = supervised.start();
    for (const delayMs of [250, 500, 1_000, 2_000]) {
      latest().exit(1);
      timers.fire(delayMs);
    }
    expect(messages().at(-1)).toBe('model service stopped (exit code 1). Restarting in 2 s.');
    latest().exit(1);
    const message = 'The model service stopped 5 times before it was ready (exit code 1).';
    await expect(started).rejects.toMatchObject({ message, exitCode: 1 });
    expect(children).toHaveLength(5);
    expect(events).toHaveLength(4);
    expect([timers.waiting(), fatalErrors]).toEqual([[], []]);
  });

  it('rejects when the configuration is invalid, without a restart', async () => {
    const started = supervised.start();
    latest().exit(78);
    const message = 'The model service cannot run. See the error above.';
    await expect(started).rejects.toMatchObject({ message, exitCode: 78 });
    expect([timers.waiting(), events, fatalErrors]).toEqual([[], [], []]);
  });

  it('retries a program that the operating system cannot start', async () => {
    nextPid = undefined;
    const started = supervised.start();
    expect(supervised.identity).toBeNull();
    latest().emit('error', new Error('spawn node ENOENT'));
    expect(messages()).toEqual(['model service stopped (spawn node ENOENT). Restarting in 0.3 s.']);
    nextPid = process.pid;
    timers.fire(250);
    latest().becomeReady(URL);
    expect(await started).toBe(URL);
  });

  it('keeps a running process after an error of a message or signal', async () => {
    const child = await startReady();
    child.emit('error', new Error('channel closed'));
    expect([events, timers.waiting(), supervised.identity]).toEqual([[], [], identifyProcess(process.pid)]);
  });
});

describe('a crash', () => {
  it('restarts the process at its earlier URL after the announced delay', async () => {
    const first = await startReady();
    first.exit(3);
    expect(events).toEqual([
      { type: 'crashed', service: 'model', message: 'model service stopped (exit code 3). Restarting in 0.3 s.' },
    ]);
    expect([supervised.identity, supervised.url, supervised.restarts, changes]).toEqual([null, URL, 1, 3]);
    expect(timers.waiting()).toEqual([250]);
    timers.fire(250);
    expect(urls).toEqual([null, URL]);
    latest().becomeReady(URL);
    expect(events.at(-1)).toEqual({ type: 'recovered', service: 'model', message: 'model service is ready again.' });
    expect([supervised.identity, changes]).toEqual([identifyProcess(process.pid), 5]);
  });

  it('restarts without a limit after the process was ready once', async () => {
    await startReady();
    for (const delayMs of [250, 500, 1_000, 2_000, 4_000, 8_000]) crashAndRecover(delayMs);
    expect(supervised.restarts).toBe(6);
    expect(fatalErrors).toEqual([]);
  });

  it('resets the delay after 30 s of uptime since the start of the process', async () => {
    await startReady();
    crashAndRecover(250);
    timers.pass(29_999);
    latest().exit(1);
    expect(timers.waiting()).toEqual([500]);
    timers.fire(500);
    latest().becomeReady(URL);
    timers.pass(30_000);
    latest().exit(1);
    expect(timers.waiting()).toEqual([250]);
  });

  it('does not count the time before readiness as uptime', async () => {
    await startReady();
    crashAndRecover(250);
    latest().exit(1);
    timers.fire(500);
    timers.pass(40_000);
    latest().exit(1);
    expect(timers.waiting()).toEqual([1_000]);
  });

  it('reports an invalid configuration of a process that was ready before', async () => {
    await startReady();
    latest().exit(78);
    expect(fatalErrors).toMatchObject([{ exitCode: 78 }]);
    expect([timers.waiting(), supervised.restarts]).toEqual([[], 0]);
  });
});

describe('stop', () => {
  it('drains the process and does not restart it', async () => {
    const child = await startReady();
    const stopped = supervised.stop(5_000);
    expect(child.signals).toEqual(['SIGTERM']);
    expect(timers.waiting()).toEqual([5_000]);
    child.exit(0);
    await stopped;
    expect([timers.waiting(), events, supervised.identity, supervised.restarts]).toEqual([[], [], null, 0]);
  });

  it('kills a process that does not stop within the grace period', async () => {
    const child = await startReady();
    const stopped = supervised.stop(5_000);
    timers.fire(5_000);
    expect(child.signals).toEqual(['SIGTERM', 'SIGKILL']);
    expect(events).toEqual([{ type: 'killed', service: 'model', message: 'model service did not stop in time. Killed it.' }]);
    child.exit(null, 'SIGKILL');
    await stopped;
  });

  it('interrupts a start that is not ready', async () => {
    const started = supervised.start();
    const stopped = supervised.stop(5_000);
    expect(timers.waiting()).toEqual([5_000]);
    latest().exit(0);
    await stopped;
    await expect(started).rejects.toMatchObject({ message: 'The start was interrupted.', exitCode: 1 });
  });

  it('leaves a process that ends after disableRestart stopped', async () => {
    const child = await startReady();
    supervised.disableRestart();
    child.exit(null, 'SIGINT');
    expect([timers.waiting(), events, supervised.restarts, supervised.identity]).toEqual([[], [], 0, null]);
  });
});

describe('kill', () => {
  it('kills the process and does not restart it', async () => {
    const child = await startReady();
    supervised.kill();
    child.exit(null, 'SIGKILL');
    expect(child.signals).toEqual(['SIGKILL']);
    expect([timers.waiting(), events]).toEqual([[], []]);
  });
});

it.each([
  ['stop', () => supervised.stop(5_000)],
  ['kill', async () => supervised.kill()],
])('cancels a pending restart on %s', async (_call, end) => {
  await startReady();
  latest().exit(1);
  await end();
  expect([timers.waiting(), children.length]).toEqual([[], 1]);
});

describe('replace', () => {
  it('drains the process and starts another one at its URL, without counting a crash', async () => {
    const first = await startReady();
    const replaced = supervised.replace(1_000);
    expect([first.signals, timers.waiting()]).toEqual([['SIGTERM'], [1_000]]);
    first.exit(0);
    await replaced;
    expect([urls, timers.waiting()]).toEqual([[null, URL], [READY_TIMEOUT_MS]]);
    latest().becomeReady(URL);
    expect([events, supervised.restarts]).toEqual([[], 0]);
  });

  it('restarts a process immediately that waits for its backoff, and resets the backoff', async () => {
    await startReady();
    crashAndRecover(250);
    latest().exit(1);
    expect(timers.waiting()).toEqual([500]);
    await supervised.replace(1_000);
    expect([children.length, timers.waiting()]).toEqual([3, [READY_TIMEOUT_MS]]);
    latest().exit(1);
    expect(timers.waiting()).toEqual([250]);
  });

  it('replaces the process once for concurrent calls', async () => {
    const first = await startReady();
    const both = Promise.all([supervised.replace(1_000), supervised.replace(1_000)]);
    first.exit(0);
    await both;
    expect(first.signals).toEqual(['SIGTERM']);
    expect(children).toHaveLength(2);
  });

  it('starts no process when the supervisor stops during the replacement', async () => {
    const first = await startReady();
    const replaced = supervised.replace(1_000);
    const stopped = supervised.stop(5_000);
    first.exit(0);
    await Promise.all([replaced, stopped]);
    expect(children).toHaveLength(1);
  });

  it('does nothing after a stop', async () => {
    const first = await startReady();
    supervised.disableRestart();
    await supervised.replace(1_000);
    expect([first.signals, children.length]).toEqual([[], 1]);
  });
});
