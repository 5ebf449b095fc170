import { join } from 'node:path';
import { isLoopback } from '@prodigon/platform';
import type { PortToCheck } from './ports.ts';
import type { StackSettings } from './settings.ts';

export type Topology = 'services' | 'monolith';
export type ServiceName = 'gateway' | 'model' | 'worker' | 'monolith';
/** The database is PostgreSQL, which is none of our services. */
export type ProcessName = ServiceName | 'database';

/** One process to run. */
export interface ProcessPlan extends PortToCheck {
  readonly service: ServiceName;
  /** As it is called in sentences. */
  readonly title: string;
  readonly entry: string;
}

/** The processes in the order in which they start; they stop in the opposite one, so that nobody loses what it calls. */
export function planProcesses(topology: Topology, settings: StackSettings): readonly ProcessPlan[] {
  const { HOST, GATEWAY_PORT, INTERNAL_HOST, MODEL_PORT } = settings.configuration;
  const front = { host: HOST, hostVariable: 'HOST', port: GATEWAY_PORT, portVariable: 'GATEWAY_PORT' };
  const entry = (app: string) => join(settings.rootDirectory, 'apps', app, 'src', 'main.ts');

  if (topology === 'monolith') return [{ service: 'monolith', title: 'platform', entry: entry('monolith'), ...front }];
  const gateway: ProcessPlan = { service: 'gateway', title: 'gateway', entry: entry('gateway'), ...front };
  if (modelServiceIsElsewhere(settings)) return [gateway];
  const inner = { host: INTERNAL_HOST, hostVariable: 'INTERNAL_HOST', port: MODEL_PORT, portVariable: 'MODEL_PORT' };
  return [{ service: 'model', title: 'model service', entry: entry('model'), ...inner }, gateway];
}

/** Whether MODEL_SERVICE_URL names one that somebody else runs. The address where ours would listen does not count. */
function modelServiceIsElsewhere({ configuration }: StackSettings): boolean {
  if (configuration.MODEL_SERVICE_URL === undefined) return false;
  const { hostname, port } = new URL(configuration.MODEL_SERVICE_URL);
  return !(isLoopback(hostname) && Number(port) === configuration.MODEL_PORT);
}
