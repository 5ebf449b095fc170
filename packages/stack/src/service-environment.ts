import type { ServiceName } from './plan.ts';

/** What a service is told about the others that run with it. */
export interface Whereabouts {
  /** Of what runs already, by service. */
  readonly urls: Partial<Record<ServiceName, string>>;
  /** The embedded database's; null when there is none. */
  readonly databaseUrl: string | null;
}

/** The variables that a service gets over the operator's own, so that it finds what was started for it. */
export function serviceEnvironment(service: ServiceName, { urls, databaseUrl }: Whereabouts): NodeJS.ProcessEnv {
  const callsModel = service === 'gateway' || service === 'worker';
  const usesDatabase = service === 'worker' || service === 'monolith';
  return {
    ...(callsModel && urls.model && { MODEL_SERVICE_URL: urls.model }),
    ...(service === 'gateway' && urls.worker && { WORKER_SERVICE_URL: urls.worker }),
    ...(usesDatabase && databaseUrl && { DATABASE_URL: databaseUrl }),
  };
}
