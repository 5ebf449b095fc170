import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { readCpu } from '../checks/foreign-load.ts';
import { createPin, createSharedPin, NO_PIN, sampleProcess, sampleProcesses } from '../index.ts';
import { startTestProcess, type TestProcess } from '../test-process.test-support.ts';

const BUSY = `
const work = () => { for (const end = performance.now() + 10; performance.now() < end; ); };
while (process.cpuUsage().user < 300_000) work();
process.send('done');`;

let app: TestProcess;
afterEach(() => app?.close());

describe('sampling processes', () => {
  it('returns the CPU time and the resident memory of a process', async () => {
    app = await startTestProcess(BUSY);
    const sample = sampleProcess(app.pid);
    expect(sample.cpuSeconds).toBeGreaterThanOrEqual(0.29);
    expect(sample.residentBytes).toBeGreaterThan(10_000_000);
  });

  it('adds the samples of several processes', async () => {
    app = await startTestProcess(BUSY);
    const both = sampleProcesses([app.pid, app.pid]);
    expect(both.cpuSeconds).toBeCloseTo(2 * sampleProcess(app.pid).cpuSeconds, 1);
  });

  it('throws when a process has ended', async () => {
    app = await startTestProcess(BUSY);
    await app.close();
    expect(() => sampleProcesses([process.pid, app.pid])).toThrow(`The measured process ${app.pid} has ended.`);
  });
});

describe.runIf(process.platform === 'linux')('readCpu', () => {
  it('includes child processes, even after they have ended', async () => {
    const before = readCpu([]);
    app = await startTestProcess(BUSY);
    const during = readCpu([]);
    await app.close();
    const after = readCpu([]);
    expect((during?.own ?? 0) - (before?.own ?? 0)).toBeGreaterThanOrEqual(0.29);
    expect(after?.own).toBeGreaterThanOrEqual(during?.own ?? 0);
    expect(after?.machine).toBeGreaterThan(before?.machine ?? 0);
  });
});

describe('pinning', () => {
  it.runIf(createPin() !== NO_PIN)('moves processes to their CPUs', async () => {
    app = await startTestProcess(`process.send('ready');`);
    const affinity = () =>
      /list: (.+)/.exec(spawnSync('taskset', ['-c', '-p', String(app.pid)], { encoding: 'utf8' }).stdout)?.[1];
    const pin = createPin();
    pin.helpers([app.pid]);
    const helperCpus = affinity();
    pin.underTest([app.pid]);
    expect(pin.description).toContain(`provider on CPU ${helperCpus}`);
    expect(affinity()).not.toBe(helperCpus);
    const shared = createSharedPin();
    shared.helpers([app.pid]);
    expect(shared.description).toBe(`all processes on CPU ${affinity()}`);
  });
});
