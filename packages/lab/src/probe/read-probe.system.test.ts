import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closedLoop, PROCESS_HEADER, readProbe, withProbe } from '../index.ts';
import { HELLO_SERVER, startTestProcess, type TestProcess } from '../test-process.test-support.ts';

const HOLDS_GARBAGE = `
const kept = Array.from({ length: 200_000 }, (_, index) => ({ index }));
globalThis.kept = kept;`;

let directory: string;
let app: TestProcess;

const start = async (source = HELLO_SERVER, runId = 'run-1') => {
  app = await startTestProcess(source, withProbe({}, { runId, directory }));
  return `http://127.0.0.1:${app.said}`;
};

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lab-probe-'));
});

afterEach(async () => {
  await app?.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('a process with a probe', () => {
  it('names itself in each answer', async () => {
    const url = await start();
    const response = await fetch(url);
    expect(response.headers.get(PROCESS_HEADER)).toBe(`run-1/${app.pid}`);
    expect(await response.text()).toBe('hello');
  });

  it('tells its memory after everything that nothing refers to is collected', async () => {
    await start(`${HELLO_SERVER}${HOLDS_GARBAGE}`);
    const [first, again] = [await readProbe(directory, app.pid), await readProbe(directory, app.pid)];
    expect(first.pid).toBe(app.pid);
    expect(first.memory.heapUsedBytes).toBeGreaterThan(200_000 * 16);
    expect(first.memory.residentBytes).toBeGreaterThan(first.memory.heapUsedBytes);
    expect(Math.abs(again.memory.heapUsedBytes - first.memory.heapUsedBytes)).toBeLessThan(500_000);
  });

  it('tells how its event loop has been since it was asked last', async () => {
    const url = await start(`
import { createServer } from 'node:http';
const block = (ms) => { for (const end = performance.now() + ms; performance.now() < end; ); };
const server = createServer((_request, response) => { block(300); response.end(); });
server.listen(0, '127.0.0.1', () => process.send(server.address().port));`);
    expect((await readProbe(directory, app.pid)).eventLoop).toBeNull();
    await fetch(url);
    await fetch(url);
    const { eventLoop } = await readProbe(directory, app.pid);
    expect(eventLoop?.delayMaxMs).toBeGreaterThan(250);
    expect(eventLoop?.utilisation).toBeGreaterThan(0);
  });

  it('counts what keeps it alive', async () => {
    await start();
    const { resources } = await readProbe(directory, app.pid, { collectGarbage: false });
    expect(resources.TCPServerWrap).toBe(1);
  });

  it('is not kept alive by its probe', async () => {
    app = await startTestProcess(`process.send('ready'); process.disconnect();`, withProbe({}, { runId: 'run-1', directory }));
    await expect.poll(() => isRunning(app.pid), { timeout: 60_000 }).toBe(false);
    await expect(readProbe(directory, app.pid)).rejects.toThrow(`Process ${app.pid} does not answer the lab.`);
  });
});

describe('a load that knows who may answer', () => {
  it('takes answers of the processes under test, and watches their CPU time', async () => {
    const url = await start();
    const processes = { runId: 'run-1', pids: [app.pid] };
    const load = await closedLoop({ url, connections: 2, durationMs: 300, watch: [app.pid], check: { processes } });
    expect(load.wrong.count).toBe(0);
    expect(load.answersByProcess).toEqual({ [app.pid]: load.answers });
    expect(load.cpuSeconds).toBeGreaterThan(0);
  });

  it.each([
    ['an earlier run', { runId: 'run-0' }],
    ['another process', { pids: [1] }],
  ])('takes none of %s', async (_which, other) => {
    const url = await start();
    const processes = { runId: 'run-1', pids: [app.pid], ...other };
    const load = await closedLoop({ url, connections: 1, durationMs: 50, check: { processes } });
    expect(load.answers).toBe(0);
    expect(load.wrong.reasons).toEqual({ 'answered by a process that is not under test': load.wrong.count });
  });
});

it('refuses a folder whose path leaves no room for a socket', () => {
  const long = `/tmp/${'long/'.repeat(20)}`;
  expect(() => withProbe({}, { runId: 'run-1', directory: long })).toThrow('longer than 88 bytes');
});

it('keeps the options that a process has already', () => {
  expect(withProbe({ NODE_OPTIONS: '--no-warnings' }, { runId: 'run-1', directory }).NODE_OPTIONS).toMatch(
    /^--no-warnings --import file:/,
  );
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
