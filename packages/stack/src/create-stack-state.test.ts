import { mkdirSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeProcesses, flush } from './fake-processes.test-support.ts';
import { identifyProcess, type ProcessIdentity } from './process-identity.ts';
import { readState, removeState, type StackState, stateFilePath, writeState } from './state-file.ts';

const [MODEL_URL, WORKER_URL, GATEWAY_URL] = ['http://127.0.0.1:4001', 'http://127.0.0.1:4002', 'http://127.0.0.1:4003'];
const STARTED = ['model started', 'worker started', 'gateway started'];
const SELF = identifyProcess(process.pid) as ProcessIdentity;

let fake: ReturnType<typeof createFakeProcesses>;
beforeEach(() => {
  fake = createFakeProcesses();
});

const state = () => readState(fake.dataDirectory);

describe('an earlier stack', () => {
  const earlier = (changes: Partial<StackState>): StackState => ({
    ...{ version: '0.1.0', topology: 'services', started_at: new Date(0).toISOString() },
    ...{ supervisor: SELF, only: null, url: null, processes: [], ...changes },
  });

  it.each([
    ['http://127.0.0.1:9', `Prodigon already runs at http://127.0.0.1:9 (pid ${process.pid}). Stop it with: ./prodigon stop`],
    [null, `Prodigon already runs (pid ${process.pid}). Stop it with: ./prodigon stop`],
  ])('excludes another one while its supervisor runs, with the URL %s', async (url, message) => {
    writeState(fake.dataDirectory, earlier({ url }));
    await expect(fake.create().start()).rejects.toMatchObject({ message, exitCode: 1 });
    expect([fake.log, state()]).toEqual([['database stop'], earlier({ url })]);
  });

  it('is replaced when its supervisor has ended', async () => {
    writeState(fake.dataDirectory, earlier({ supervisor: { pid: process.pid, started: 'another boot 1' } }));
    await fake.create().start();
    expect(state()?.supervisor).toEqual(SELF);
  });

  it('wins or loses a concurrent start, but never shares the data folder', async () => {
    const results = await Promise.allSettled([fake.create().start(), fake.create().start()]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(fake.log.filter((step) => step.endsWith('started'))).toEqual(STARTED);
  });
});

describe('the recorded state', () => {
  it('contains the database and each process, and the URL when all of them are ready', async () => {
    fake.silent.add('gateway');
    const starting = fake.create().start();
    await flush();
    expect(state()?.url).toBeNull();
    fake.latest('gateway').child.becomeReady(GATEWAY_URL);
    await starting;
    const running = { process: SELF, restarts: 0 };
    expect(state()).toMatchObject({ topology: 'services', only: null, supervisor: SELF, url: GATEWAY_URL });
    expect(state()?.processes).toEqual([
      { service: 'database', title: 'database', process: null, url: fake.database.publicUrl, restarts: 0 },
      { service: 'model', title: 'model service', url: MODEL_URL, ...running },
      { service: 'worker', title: 'worker', url: WORKER_URL, ...running },
      { service: 'gateway', title: 'gateway', url: GATEWAY_URL, ...running },
    ]);
  });

  it('follows a crash and the restart on the same port', async () => {
    await fake.create().start();
    fake.latest('model').child.exit(null, 'SIGSEGV');
    expect(state()?.processes[1]).toMatchObject({ process: null, url: MODEL_URL, restarts: 1 });
    fake.timers.fire(250);
    await flush();
    expect(fake.latest('model').env.MODEL_PORT).toBe('4001');
    expect(state()?.processes[1]).toMatchObject({ process: SELF, url: MODEL_URL, restarts: 1 });
  });

  it('may be missing while the disk is full, without an end of the platform', async () => {
    await fake.create().start();
    removeState(fake.dataDirectory);
    mkdirSync(stateFilePath(fake.dataDirectory));
    fake.latest('gateway').child.becomeReady(GATEWAY_URL);
    expect(fake.events).toEqual([
      { type: 'unrecorded', message: expect.stringMatching(/^DATA_DIR cannot be written: .+ \(\w+\)\.$/) },
    ]);
  });

  it('is not written again after a kill', async () => {
    const stack = fake.create();
    await stack.start();
    stack.kill();
    await flush();
    expect(state()).toBeNull();
  });
});
