import { once } from 'node:events';
import { credentials, type ServiceError, status } from '@grpc/grpc-js';
import {
  type FileDescriptorResponse,
  HealthCheckResponse_ServingStatus,
  HealthClient,
  ServerReflectionClient,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
} from '@prodigon/contracts/grpc';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createReadiness } from '../http/health-and-readiness.routes.ts';
import { createLifecycle } from '../lifecycle/graceful-shutdown.ts';
import { createGrpcServer } from './create-grpc-server.ts';
import { createHealthService } from './health-service.ts';
import { createReflectionService } from './reflection-service.ts';

const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = HealthCheckResponse_ServingStatus;
const NAME = 'prodigon.inference.v1.InferenceService';

async function start({ isReady = true } = {}) {
  const lifecycle = createLifecycle({ drainTimeoutMs: 60_000 });
  const checks = [{ name: 'database', required: true, check: async () => ({ ok: isReady }) }];
  const readiness = createReadiness({ service: 'test', version: '0.0.0', environment: 'test', lifecycle, checks });
  const server = createGrpcServer([
    createHealthService({ services: [NAME], readiness, lifecycle }),
    createReflectionService({ services: [NAME] }),
  ]);
  const address = `127.0.0.1:${await server.listen({ host: '127.0.0.1', port: 0 })}`;
  const health = new HealthClient(address, credentials.createInsecure());
  const reflection = new ServerReflectionClient(address, credentials.createInsecure());
  onTestFinished(async () => {
    health.close();
    reflection.close();
    await server.close();
  });
  const check = (service = '') =>
    new Promise((resolve, reject) =>
      health.check({ service }, (error, response) => (error ? reject(error) : resolve(response.status))),
    );
  async function reflect(messageRequest: ServerReflectionRequest['messageRequest']) {
    const call = reflection.serverReflectionInfo();
    call.write({ host: '', messageRequest });
    call.end();
    const [response] = (await once(call, 'data')) as [ServerReflectionResponse];
    call.resume();
    await once(call, 'end');
    return response.messageResponse;
  }
  return { lifecycle, health, check, reflect };
}

describe('the health service', () => {
  it('reports the readiness of the process for each of its services', async () => {
    const { check } = await start();
    expect([await check(), await check(NAME)]).toEqual([SERVING, SERVING]);
    expect(await (await start({ isReady: false })).check()).toBe(NOT_SERVING);
  });

  it('rejects a service that the process does not serve', async () => {
    const { check } = await start();
    await expect(check('other.Service')).rejects.toMatchObject({ code: status.NOT_FOUND } satisfies Partial<ServiceError>);
  });

  it('reports a process that drains as not serving, also to a watch, which ends', async () => {
    const { lifecycle, health, check } = await start();
    const watch = health.watch({ service: NAME });
    const statuses: number[] = [];
    watch.on('data', ({ status: received }) => {
      statuses.push(received);
      if (statuses.length === 1) void lifecycle.drain();
    });
    await once(watch, 'end');
    expect(statuses).toEqual([SERVING, NOT_SERVING]);
    expect(await check()).toBe(NOT_SERVING);
  });

  it('reports an unknown service to a watch without ending it', async () => {
    const { health } = await start();
    const watch = health.watch({ service: 'other.Service' });
    const [first] = await once(watch, 'data');
    expect(first).toEqual({ status: SERVICE_UNKNOWN });
    watch.on('error', () => {});
    watch.cancel();
  });

  it('lists its services', async () => {
    const { health } = await start();
    const { promise, resolve } = Promise.withResolvers<unknown>();
    health.list({}, (_error, response) => resolve(response.statuses));
    expect(await promise).toEqual({ '': { status: SERVING }, [NAME]: { status: SERVING } });
  });
});

describe('the reflection service', () => {
  const textOf = (response: unknown) =>
    Buffer.concat((response as { value: FileDescriptorResponse }).value.fileDescriptorProto).toString('latin1');

  it('lists the services', async () => {
    const { reflect } = await start();
    expect(await reflect({ $case: 'listServices', value: '' })).toEqual({
      $case: 'listServicesResponse',
      value: { service: [{ name: NAME }] },
    });
  });

  it.each([
    { $case: 'fileContainingSymbol', value: NAME },
    { $case: 'fileContainingSymbol', value: `${NAME}.GenerateStream` },
    { $case: 'fileContainingSymbol', value: 'prodigon.inference.v1.GenerateRequest' },
    { $case: 'fileByFilename', value: 'prodigon/inference/v1/inference.proto' },
  ] as const)('describes $value', async (request) => {
    const { reflect } = await start();
    expect(textOf(await reflect(request))).toContain('GenerateStream');
  });

  it('returns an error for a name that the protocol does not declare', async () => {
    const { reflect } = await start();
    const response = await reflect({ $case: 'fileContainingSymbol', value: 'prodigon.Nothing' });
    expect(response).toMatchObject({ $case: 'errorResponse', value: { errorCode: status.NOT_FOUND } });
  });
});
