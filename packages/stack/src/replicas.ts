import { EXIT_CONFIGURATION, OWN_HOST, OWN_PORT_VARIABLE } from '@prodigon/platform/configuration';
import { findFreePorts } from './port-check.ts';
import type { ProcessPlan, ServiceName, StandaloneService, Topology } from './process-plan.ts';
import { StackError } from './stack-error.ts';
import type { StackSettings } from './stack-settings.ts';

/** The services that can have several processes. */
export const REPLICATED = ['model', 'worker', 'gateway'] as const;
/** The number of processes of a service; one by default. */
export type Replicas = { readonly [Service in (typeof REPLICATED)[number]]?: number };
/**
 * The port of the second process of a service, or of the first gateway's own address. Further processes use the next ports;
 * without it, free ones.
 */
export type ReplicaPorts = Replicas;
export const REPLICAS_MAX = 16;

const isReplicated = (service: ServiceName): service is (typeof REPLICATED)[number] =>
  REPLICATED.some((replicated) => replicated === service);

export const replicaCount = (replicas: Replicas, service: ServiceName): number =>
  isReplicated(service) ? (replicas[service] ?? 1) : 1;

export const nextPort = (ports: ReplicaPorts, service: ServiceName): number | undefined =>
  isReplicated(service) ? ports[service] : undefined;

/**
 * Returns the plans of `count` replicas. The first listens on the configured port, the others from `nextPort` on, or on free
 * ports. Gateways share the configured port instead, and each has a port of its own.
 */
export function replicate(planned: ProcessPlan, count: number, nextPort = 0): ProcessPlan[] {
  if (count === 1) return [planned];
  const plans = Array.from({ length: count }, (_, index) => ({ ...planned, title: `${planned.title} ${index + 1}` }));
  const portAfter = (index: number) => (nextPort === 0 ? 0 : nextPort + index);
  if (planned.service === 'gateway')
    return plans.map((plan, index) => ({
      ...plan,
      ...{ host: OWN_HOST, port: portAfter(index), portVariable: OWN_PORT_VARIABLE, portOption: '--replicas' },
      sharedAddress: planned,
    }));
  return plans.map((plan, index) => ({
    ...plan,
    ...(index > 0 && planned.grpcPort !== undefined && { grpcPort: 0 }),
    ...(index > 0 && { port: portAfter(index - 1), portOption: '--replicas' }),
  }));
}

/** Assigns free ports to gateways that share a port, because each one receives the addresses of all. */
export async function assignOwnPorts(planned: readonly ProcessPlan[]): Promise<ProcessPlan[]> {
  const ports = await findFreePorts(OWN_HOST, planned.length);
  return planned.map((each, index) => (each.port === 0 ? { ...each, port: ports[index] ?? 0 } : each));
}

/** Throws a `StackError` (78) with the reason when the stack cannot run these replicas. */
export function assertReplicable(
  replicas: Replicas,
  { topology, only, settings }: { topology: Topology; only: StandaloneService | undefined; settings: StackSettings },
  planned: readonly ProcessPlan[],
): void {
  const reject = (message: string) => {
    throw new StackError(message, EXIT_CONFIGURATION);
  };
  for (const service of REPLICATED) {
    const count = replicas[service] ?? 1;
    if (count === 1) continue;
    if (topology === 'monolith') reject('The monolith is one process: replicas require the topology "services".');
    if (only) reject('A standalone service is one process: start it several times instead, each with its own port.');
    if (!planned.some((each) => each.service === service))
      reject(
        `There are no replicas to start: ${service.toUpperCase()}_SERVICE_URL says that the ${service} service runs elsewhere.`,
      );
    if (service === 'worker' && settings.configuration.QUEUE_TYPE === 'memory')
      reject('QUEUE_TYPE is memory, which serves one worker only: set it to postgres for several workers.');
  }
}
