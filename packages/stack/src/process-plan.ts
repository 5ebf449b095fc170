import { hasLabs, isLoopback, LAB_PORT_DEFAULT } from '@prodigon/platform/configuration';
import { findAppEntry, sourcePath } from './app-bundle.mjs';
import type { PortToCheck } from './port-check.ts';
import type { StackSettings } from './stack-settings.ts';

export type Topology = 'services' | 'monolith';
export const SERVICES = ['model', 'worker', 'gateway'] as const;
/** A service that can run without the others. */
export type StandaloneService = (typeof SERVICES)[number];
/** `lab` runs the workshop beside the others, in both topologies. */
export type ServiceName = StandaloneService | 'monolith' | 'lab';
/** A supervised process. The database is PostgreSQL. */
export type ProcessName = ServiceName | 'database';

/** One process to run. */
export interface ProcessPlan extends PortToCheck {
  readonly service: ServiceName;
  /** The name of the process in messages. */
  readonly title: string;
  /** The file that Node runs. */
  readonly entry: string;
  /** Whether the process receives the URL of the database. */
  readonly needsDatabase: boolean;
  /** The port that the operator has chosen for gRPC. */
  readonly grpcPort?: number;
  /** The address that several gateways share. Each has an address of its own too, for health and metrics. */
  readonly sharedAddress?: PortToCheck;
}

export interface PlanOptions {
  readonly topology: Topology;
  /** Runs only this service. The configuration contains the addresses of the others. */
  readonly only?: StandaloneService | undefined;
  /** Runs only these services of the topology "services". Defaults to all. */
  readonly services?: readonly StandaloneService[] | undefined;
  /** Starts and checks no database. The services keep nothing then. Not for the worker. */
  readonly isWithoutDatabase?: boolean | undefined;
  /** Runs the sources even if current bundles exist, because `--watch` restarts processes when sources change. */
  readonly fromSource?: boolean;
}

/**
 * Returns the processes in start order. They stop in reverse order, so that each process stops before the services that
 * it calls.
 */
export function planProcesses(
  { topology, only, services = SERVICES, isWithoutDatabase = false, fromSource = false }: PlanOptions,
  settings: StackSettings,
): readonly ProcessPlan[] {
  const { HOST, GATEWAY_PORT, INTERNAL_HOST, MODEL_PORT, MODEL_GRPC_PORT, WORKER_PORT } = settings.configuration;
  const internalAddress = { host: INTERNAL_HOST, hostVariable: 'INTERNAL_HOST' };
  const gatewayAddress = { host: HOST, hostVariable: 'HOST', port: GATEWAY_PORT, portVariable: 'GATEWAY_PORT' };
  const plan = (service: ServiceName, title: string, needsDatabase: boolean, address: PortToCheck): ProcessPlan => ({
    service,
    title,
    needsDatabase: needsDatabase && !isWithoutDatabase,
    entry: (fromSource ? sourcePath : findAppEntry)(settings.rootDirectory, service),
    ...address,
  });
  if (topology === 'monolith') return [plan('monolith', 'platform', true, gatewayAddress)];
  const all: Record<StandaloneService, ProcessPlan> = {
    model: {
      ...plan('model', 'model service', true, { ...internalAddress, port: MODEL_PORT, portVariable: 'MODEL_PORT' }),
      ...(MODEL_GRPC_PORT !== undefined && { grpcPort: MODEL_GRPC_PORT }),
    },
    worker: plan('worker', 'worker', true, { ...internalAddress, port: WORKER_PORT, portVariable: 'WORKER_PORT' }),
    gateway: plan('gateway', 'gateway', false, gatewayAddress),
  };
  const isPlanned = (service: StandaloneService) => services.includes(service) && !isRemote(service, settings);
  return SERVICES.filter((service) => (only ? service === only : isPlanned(service))).map((service) => all[service]);
}

/** Returns the process of the lab service; null when the platform does not run it on this machine. */
export function planLab({ only, fromSource = false }: PlanOptions, settings: StackSettings): ProcessPlan | null {
  const { LABS, HOST, INTERNAL_HOST, LAB_PORT = LAB_PORT_DEFAULT, LAB_SERVICE_URL } = settings.configuration;
  if (only || !hasLabs({ LABS, HOST })) return null;
  if (LAB_SERVICE_URL && !isOwnAddress(LAB_SERVICE_URL, LAB_PORT)) return null;
  return {
    ...{ service: 'lab', title: 'lab service', needsDatabase: false },
    entry: (fromSource ? sourcePath : findAppEntry)(settings.rootDirectory, 'lab'),
    ...{ host: INTERNAL_HOST, hostVariable: 'INTERNAL_HOST', port: LAB_PORT, portVariable: 'LAB_PORT' },
  };
}

/** Returns whether a variable configures an address of the service other than its address on this machine. */
function isRemote(service: StandaloneService, { configuration }: StackSettings): boolean {
  if (service === 'gateway') return false;
  const { MODEL_SERVICE_URL, MODEL_PORT, WORKER_SERVICE_URL, WORKER_PORT } = configuration;
  const [urls, ownPort] = service === 'model' ? [MODEL_SERVICE_URL, MODEL_PORT] : [WORKER_SERVICE_URL, WORKER_PORT];
  return urls?.some((url) => !isOwnAddress(url, ownPort)) ?? false;
}

function isOwnAddress(url: string, ownPort: number): boolean {
  const { hostname, port } = new URL(url);
  return isLoopback(hostname) && Number(port) === ownPort;
}
