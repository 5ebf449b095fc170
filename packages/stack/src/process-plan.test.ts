import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { writeInputs } from './app-bundle.mjs';
import { type PlanOptions, planLab, planProcesses } from './process-plan.ts';
import { loadStackSettings } from './stack-settings.ts';

let rootDirectory: string;
beforeEach(() => {
  rootDirectory = mkdtempSync(join(tmpdir(), 'prodigon-plan-'));
  onTestFinished(() => rmSync(rootDirectory, { recursive: true }));
});

const plan = (options: Partial<PlanOptions> = {}, env: NodeJS.ProcessEnv = {}) =>
  planProcesses({ topology: 'services', ...options }, loadStackSettings({ env, rootDirectory }));
const servicesOf = (options: Partial<PlanOptions>, env?: NodeJS.ProcessEnv) => plan(options, env).map(({ service }) => service);

describe('planProcesses', () => {
  it('plans the services in start order, each with its address and database', () => {
    const env = { MODEL_PORT: '7001', WORKER_PORT: '7002', GATEWAY_PORT: '7000', HOST: '127.0.0.2' };
    const internal = { host: '127.0.0.1', hostVariable: 'INTERNAL_HOST' };
    const entryOf = (app: string) => join(rootDirectory, 'apps', app, 'src', 'main.ts');
    expect(plan({}, env)).toEqual([
      {
        ...{ service: 'model', title: 'model service', needsDatabase: true, entry: entryOf('model') },
        ...{ ...internal, port: 7001, portVariable: 'MODEL_PORT' },
      },
      {
        ...{ service: 'worker', title: 'worker', needsDatabase: true, entry: entryOf('worker') },
        ...{ ...internal, port: 7002, portVariable: 'WORKER_PORT' },
      },
      {
        ...{ service: 'gateway', title: 'gateway', needsDatabase: false, entry: entryOf('gateway') },
        ...{ host: '127.0.0.2', hostVariable: 'HOST', port: 7000, portVariable: 'GATEWAY_PORT' },
      },
    ]);
  });

  it('plans only the given services, without a database on request', () => {
    const services = ['gateway', 'model'] as const;
    expect(servicesOf({ services })).toEqual(['model', 'gateway']);
    expect(plan({ services }).map(({ needsDatabase }) => needsDatabase)).toEqual([true, false]);
    expect(plan({ services, isWithoutDatabase: true }).map(({ needsDatabase }) => needsDatabase)).toEqual([false, false]);
  });

  it('plans one process with a database at the address of the gateway for the monolith', () => {
    expect(plan({ topology: 'monolith' }, { GATEWAY_PORT: '7000' })).toMatchObject([
      { service: 'monolith', title: 'platform', needsDatabase: true, hostVariable: 'HOST', port: 7000 },
    ]);
  });

  it.each(['model', 'worker', 'gateway'] as const)('plans only the %s as a standalone service', (only) => {
    const MODEL_SERVICE_URL = 'http://10.0.0.7:8001';
    expect(servicesOf({ only }, { MODEL_SERVICE_URL })).toEqual([only]);
  });

  it.each([
    ['model', { MODEL_SERVICE_URL: 'http://10.0.0.7:8001' }, ['worker', 'gateway']],
    ['worker', { WORKER_SERVICE_URL: 'http://10.0.0.7:8002' }, ['model', 'gateway']],
  ] as const)('plans no %s when a variable names another host', (_service, env, expected) => {
    expect(servicesOf({}, env)).toEqual(expected);
  });

  it('plans no service when one of its addresses has another host or port', () => {
    const MODEL_SERVICE_URL = 'http://127.0.0.1:8001,http://127.0.0.1:8009';
    expect(servicesOf({}, { MODEL_SERVICE_URL })).toEqual(['worker', 'gateway']);
  });

  it('plans a service whose configured address is its own', () => {
    const env = { MODEL_SERVICE_URL: 'http://localhost:8001', WORKER_SERVICE_URL: 'http://127.0.0.1:8002' };
    expect(servicesOf({}, env)).toEqual(['model', 'worker', 'gateway']);
  });

  it('plans a current bundle unless the stack runs from source', () => {
    const folder = join(rootDirectory, 'apps', 'gateway', 'dist');
    mkdirSync(folder, { recursive: true });
    for (const name of ['input', 'apps/gateway/dist/main.mjs']) writeFileSync(join(rootDirectory, name), '');
    writeInputs(rootDirectory, folder, ['input']);
    expect(plan({ only: 'gateway' })[0]?.entry).toBe(join(folder, 'main.mjs'));
    const source = join(rootDirectory, 'apps', 'gateway', 'src', 'main.ts');
    expect(plan({ only: 'gateway', fromSource: true })[0]?.entry).toBe(source);
  });
});

describe('planLab', () => {
  const planned = (env: NodeJS.ProcessEnv, options: Partial<PlanOptions> = {}) =>
    planLab({ topology: 'services', ...options }, loadStackSettings({ env, rootDirectory }));
  const PUBLIC = { HOST: '0.0.0.0', API_KEYS: 'key-of-these-tests-0123' };

  it('plans the lab service at its address', () => {
    expect(planned({ LAB_PORT: '7003', INTERNAL_HOST: '127.0.0.3' })).toEqual({
      ...{ service: 'lab', title: 'lab service', needsDatabase: false, entry: join(rootDirectory, 'apps/lab/src/main.ts') },
      ...{ host: '127.0.0.3', hostVariable: 'INTERNAL_HOST', port: 7003, portVariable: 'LAB_PORT' },
    });
    expect(planned({}, { topology: 'monolith' })?.port).toBe(8003);
  });

  it('plans none when labs are off, by default for an address that other machines can reach', () => {
    expect([planned({ LABS: 'off' }), planned(PUBLIC), planned({ ...PUBLIC, LABS: 'on' })?.service]).toEqual([null, null, 'lab']);
  });

  it('plans none beside a standalone service, or when it runs elsewhere', () => {
    expect(planned({}, { only: 'gateway' })).toBeNull();
    expect(planned({ LAB_SERVICE_URL: 'http://10.0.0.7:8003' })).toBeNull();
    expect(planned({ LAB_SERVICE_URL: 'http://127.0.0.1:8003' })?.service).toBe('lab');
  });
});
