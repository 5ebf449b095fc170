import { type ServerWritableStream, status } from '@grpc/grpc-js';
import type { Readiness } from '@prodigon/contracts';
import {
  type HealthCheckRequest,
  type HealthCheckResponse,
  HealthCheckResponse_ServingStatus,
  type HealthServer,
  HealthService,
} from '@prodigon/contracts/grpc';
import type { Lifecycle } from '../lifecycle/graceful-shutdown.ts';
import type { GrpcService } from './create-grpc-server.ts';

export interface HealthServiceOptions {
  /** The names of the services that this process serves. The empty name stands for all of them. */
  readonly services: readonly string[];
  /** The readiness of the process, as `/readyz` reports it. */
  readonly readiness: () => Promise<Readiness>;
  readonly lifecycle: Lifecycle;
}

const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = HealthCheckResponse_ServingStatus;

/**
 * Creates the health service of gRPC (https://grpc.io/docs/guides/health-checking/), which needs no token, as `/readyz`. A
 * watch reports the current status, and that the process drains, and then ends.
 */
export function createHealthService({ services, readiness, lifecycle }: HealthServiceOptions): GrpcService {
  const names = ['', ...services];
  const currentStatus = async () => ((await readiness()).ready ? SERVING : NOT_SERVING);

  async function watch(call: ServerWritableStream<HealthCheckRequest, HealthCheckResponse>): Promise<void> {
    if (!names.includes(call.request.service)) return void call.write({ status: SERVICE_UNKNOWN });
    call.write({ status: await currentStatus() });
    const end = () => {
      call.write({ status: NOT_SERVING });
      call.end();
    };
    if (lifecycle.isDraining) return end();
    lifecycle.draining.addEventListener('abort', end, { once: true });
    call.on('cancelled', () => lifecycle.draining.removeEventListener('abort', end));
  }

  const implementation: HealthServer = {
    async check({ request }, respond) {
      if (names.includes(request.service)) respond(null, { status: await currentStatus() });
      else respond({ code: status.NOT_FOUND, details: 'This process does not serve this service.' });
    },
    async list(_call, respond) {
      const current = { status: await currentStatus() };
      respond(null, { statuses: Object.fromEntries(names.map((name) => [name, current])) });
    },
    watch: (call) => void watch(call),
  };
  return { definition: HealthService, implementation };
}
