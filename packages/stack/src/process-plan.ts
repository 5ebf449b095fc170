import { isLoopback } from '@prodigon/platform/configuration';
import { findAppEntry, sourcePath } from './app-bundle.mjs';
import type { PortToCheck } from './port-check.ts';
import type { StackSettings } from './stack-settings.ts';

export type Topology = 'services' | 'monolith';
export const SERVICES = ['model', 'worker', 'gateway'] as const;
/** A service that can run alone. */
export type LoneService = (typeof SERVICES)[number];
export type ServiceName = LoneService | 'monolith';
/** A supervised process. The database is PostgreSQL. */
export type ProcessName = ServiceName | 'database';

/** One process to run. */
export interface ProcessPlan extends PortToCheck {
  readonly service: ServiceName;
  /** The name in messages. */
  readonly title: string;
  /** The file that starts it. */
  readonly entry: string;
  /** Whether it receives the URL of the database. */
  readonly needsDatabase: boolean;
}

export interface PlanOptions {
  readonly topology: Topology;
  /** Runs this service alone; the configuration says where the others are. */
  readonly only?: LoneService | undefined;
  /** Starts the sources even when there are bundles of them, for source code that changes meanwhile. */
  readonly fromSource?: boolean;
}

/**
 * Returns the processes in the order of their start. They stop in the opposite order, so that each stops before the
 * services that it calls.
 */
export function planProcesses(
  { topology, only, fromSource = false }: PlanOptions,
  settings: StackSettings,
): readonly ProcessPlan[] {
  const { HOST, GATEWAY_PORT, INTERNAL_HOST, MODEL_PORT, WORKER_PORT } = settings.configuration;
  const inner = { host: INTERNAL_HOST, hostVariable: 'INTERNAL_HOST' };
  const front = { host: HOST, hostVariable: 'HOST', port: GATEWAY_PORT, portVariable: 'GATEWAY_PORT' };
  const plan = (service: ServiceName, title: string, needsDatabase: boolean, listens: PortToCheck): ProcessPlan => ({
    service,
    title,
    needsDatabase,
    entry: (fromSource ? sourcePath : findAppEntry)(settings.rootDirectory, service),
    ...listens,
  });
  if (topology === 'monolith') return [plan('monolith', 'platform', true, front)];
  const all: Record<LoneService, ProcessPlan> = {
    model: plan('model', 'model service', true, { ...inner, port: MODEL_PORT, portVariable: 'MODEL_PORT' }),
    worker: plan('worker', 'worker', true, { ...inner, port: WORKER_PORT, portVariable: 'WORKER_PORT' }),
    gateway: plan('gateway', 'gateway', false, front),
  };
  return SERVICES.filter((service) => (only ? service === only : !isElsewhere(service, settings))).map((service) => all[service]);
}

/** Returns whether a variable names a service at another address than the one where it would listen here. */
function isElsewhere(service: LoneService, { configuration }: StackSettings): boolean {
  if (service === 'gateway') return false;
  const { MODEL_SERVICE_URL, MODEL_PORT, WORKER_SERVICE_URL, WORKER_PORT } = configuration;
  const [urls, ownPort] = service === 'model' ? [MODEL_SERVICE_URL, MODEL_PORT] : [WORKER_SERVICE_URL, WORKER_PORT];
  const isOurs = ({ hostname, port }: URL) => isLoopback(hostname) && Number(port) === ownPort;
  return urls?.some((url) => !isOurs(new URL(url))) ?? false;
}
