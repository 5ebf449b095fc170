import type { ServiceStatus } from '@prodigon/contracts';

/** What was measured of the replicas of a service: `model` alone, or `model 1`, `model 2` and so on. */
export function replicasOf<Status extends ServiceStatus>(services: readonly Status[], service: string): Status[] {
  return services.filter(({ name }) => name === service || name.startsWith(`${service} `));
}
