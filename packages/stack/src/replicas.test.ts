import { describe, expect, it } from 'vitest';
import type { ProcessPlan } from './process-plan.ts';
import { assertReplicable, assignOwnPorts, type Replicas, replicaCount, replicate } from './replicas.ts';
import type { StackSettings } from './stack-settings.ts';

const planOf = (service: ProcessPlan['service']): ProcessPlan => ({
  service,
  title: `${service} service`,
  entry: 'main.ts',
  needsDatabase: true,
  host: '127.0.0.1',
  hostVariable: 'INTERNAL_HOST',
  port: 8001,
  portVariable: 'MODEL_PORT',
});
const SERVICES = [planOf('model'), planOf('worker'), planOf('gateway')];

describe('replicaCount', () => {
  it('returns the configured number, which defaults to one', () => {
    expect([replicaCount({ model: 3 }, 'model'), replicaCount({ model: 3 }, 'worker')]).toEqual([3, 1]);
    expect([replicaCount({ worker: 2 }, 'worker'), replicaCount({ worker: 2 }, 'model')]).toEqual([2, 1]);
  });

  it('returns one for a service that cannot have replicas', () => {
    const replicas = { lab: 4, monolith: 4 } as Replicas;
    expect([replicaCount(replicas, 'lab'), replicaCount(replicas, 'monolith')]).toEqual([1, 1]);
  });
});

describe('replicate', () => {
  it('returns a single plan unchanged', () => {
    const plan = planOf('model');
    expect(replicate(plan, 1)).toEqual([plan]);
  });

  it('numbers the replicas from one and assigns the configured port to the first only', () => {
    expect(replicate(planOf('model'), 3)).toEqual([
      { ...planOf('model'), title: 'model service 1', port: 8001 },
      { ...planOf('model'), title: 'model service 2', port: 0, portOption: '--replicas' },
      { ...planOf('model'), title: 'model service 3', port: 0, portOption: '--replicas' },
    ]);
    expect(replicate(planOf('model'), 3, 8101).map(({ port }) => port)).toEqual([8001, 8101, 8102]);
  });
});

describe('replicate for gateways', () => {
  const gateway: ProcessPlan = {
    ...planOf('gateway'),
    ...{ title: 'gateway', host: '0.0.0.0', hostVariable: 'HOST', port: 8000, portVariable: 'GATEWAY_PORT' },
  };
  const own = { host: '127.0.0.1', portVariable: 'PRODIGON_OWN_PORT', portOption: '--replicas', sharedAddress: gateway };

  it('shares the configured address, and gives each gateway an address of its own on loopback', () => {
    expect(replicate(gateway, 2)).toEqual([
      { ...gateway, ...own, title: 'gateway 1', port: 0 },
      { ...gateway, ...own, title: 'gateway 2', port: 0 },
    ]);
    expect(replicate(gateway, 2, 8100).map(({ port }) => port)).toEqual([8100, 8101]);
    expect(replicate(gateway, 1)).toEqual([gateway]);
  });

  it('assigns different free ports to those without one', async () => {
    const plans = await assignOwnPorts([...replicate(gateway, 3), ...replicate(gateway, 2, 8100)]);
    const ports = plans.map(({ port }) => port);
    expect(new Set(ports).size).toBe(5);
    expect(ports).not.toContain(0);
    expect(ports.slice(3)).toEqual([8100, 8101]);
  });
});

describe('assertReplicable', () => {
  interface Changes {
    readonly topology?: 'services' | 'monolith';
    readonly only?: 'model' | 'worker';
    readonly queue?: 'postgres' | 'memory';
    readonly planned?: readonly ProcessPlan[];
  }
  const check = (replicas: Replicas, { topology = 'services', only, queue = 'postgres', planned = SERVICES }: Changes = {}) => {
    const settings = { configuration: { QUEUE_TYPE: queue } } as StackSettings;
    return () => assertReplicable(replicas, { topology, only, settings }, planned);
  };
  const rejection = (message: string) => expect.objectContaining({ exitCode: 78, message });

  it('accepts replicas of each service with the postgres queue', () => {
    expect(check({ model: 2, worker: 2, gateway: 2 })).not.toThrow();
    expect(check({ model: 2 }, { queue: 'memory' })).not.toThrow();
  });

  it('accepts one process per service in every configuration', () => {
    expect(check({}, { topology: 'monolith' })).not.toThrow();
    expect(check({ model: 1, worker: 1 }, { only: 'model', queue: 'memory', planned: [] })).not.toThrow();
  });

  it('rejects replicas in the monolith', () => {
    const message = 'The monolith is one process: replicas require the topology "services".';
    expect(check({ worker: 2 }, { topology: 'monolith' })).toThrow(rejection(message));
  });

  it('rejects replicas of a standalone service', () => {
    const message = 'A standalone service is one process: start it several times instead, each with its own port.';
    expect(check({ model: 2 }, { only: 'model' })).toThrow(rejection(message));
  });

  it('rejects replicas of a service that runs elsewhere', () => {
    const message = 'There are no replicas to start: WORKER_SERVICE_URL says that the worker service runs elsewhere.';
    expect(check({ worker: 2 }, { planned: [planOf('model'), planOf('gateway')] })).toThrow(rejection(message));
  });

  it('rejects several workers with the memory queue', () => {
    const message = 'QUEUE_TYPE is memory, which serves one worker only: set it to postgres for several workers.';
    expect(check({ worker: 2 }, { queue: 'memory' })).toThrow(rejection(message));
  });
});

it('gives only the first replica the gRPC port of the operator', () => {
  const grpcPorts = (grpcPort: object) => replicate({ ...planOf('model'), ...grpcPort }, 3).map((planned) => planned.grpcPort);
  expect(grpcPorts({ grpcPort: 9011 })).toEqual([9011, 0, 0]);
  expect(grpcPorts({})).toEqual([undefined, undefined, undefined]);
});
