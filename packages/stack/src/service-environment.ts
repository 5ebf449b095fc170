import type { ProcessPlan, ServiceName } from './process-plan.ts';
import type { ListenUrls } from './supervised-process.ts';

/** The addresses that a service needs. */
export interface ServiceAddresses {
  /** The URLs of the running replicas. */
  readonly urls: {
    readonly model: readonly string[];
    /** The URLs of the model service for gRPC, in the same order. */
    readonly modelGrpc: readonly string[];
    readonly worker: readonly string[];
    /** The own addresses of gateways that share a port; empty for a single gateway. */
    readonly gateway: readonly string[];
  };
  /** The URL of the lab service, which may start later; null when the stack runs none. */
  readonly labUrl: string | null;
  /** The URL of the embedded database; null when there is none. */
  readonly databaseUrl: string | null;
}

/** Returns the variables with the addresses of the running services, which override the operator's. */
export function serviceEnvironment(service: ServiceName, { urls, labUrl, databaseUrl }: ServiceAddresses): NodeJS.ProcessEnv {
  const callsModel = service === 'gateway' || service === 'worker';
  // The gateway uses it for API keys, and works without it.
  const usesDatabase = service !== 'lab';
  const callsLab = service === 'gateway' || service === 'monolith';
  return {
    ...(callsModel && urls.model.length > 0 && { MODEL_SERVICE_URL: urls.model.join() }),
    ...(callsModel && urls.modelGrpc.length > 0 && { MODEL_GRPC_URL: urls.modelGrpc.join() }),
    ...(service === 'gateway' && urls.worker.length > 0 && { WORKER_SERVICE_URL: urls.worker.join() }),
    ...(service === 'gateway' && urls.gateway.length > 0 && { GATEWAY_SERVICE_URL: urls.gateway.join() }),
    ...(callsLab && labUrl && { LAB_SERVICE_URL: labUrl }),
    ...(usesDatabase && databaseUrl && { DATABASE_URL: databaseUrl }),
  };
}

/** Returns the ports of a process. A restarted one keeps its ports, even random ones, because its clients know them. */
export function portEnvironment({ port, portVariable, grpcPort }: ProcessPlan, earlier: ListenUrls): NodeJS.ProcessEnv {
  return {
    [portVariable]: earlier.url ? new URL(earlier.url).port : String(port),
    ...(earlier.grpcUrl && { MODEL_GRPC_PORT: new URL(earlier.grpcUrl).port }),
    ...(!earlier.grpcUrl && grpcPort !== undefined && { MODEL_GRPC_PORT: String(grpcPort) }),
  };
}
