import type { ServiceName } from './process-plan.ts';

/** The addresses that a service needs. */
export interface ServiceAddresses {
  /** The URLs of the running replicas. */
  readonly urls: { readonly model: readonly string[]; readonly worker: readonly string[] };
  /** The URL of the embedded database; null when there is none. */
  readonly databaseUrl: string | null;
}

/** Returns the variables with the addresses of the running services, which override the operator's. */
export function serviceEnvironment(service: ServiceName, { urls, databaseUrl }: ServiceAddresses): NodeJS.ProcessEnv {
  const callsModel = service === 'gateway' || service === 'worker';
  const usesDatabase = service !== 'gateway';
  return {
    ...(callsModel && urls.model.length > 0 && { MODEL_SERVICE_URL: urls.model.join() }),
    ...(service === 'gateway' && urls.worker.length > 0 && { WORKER_SERVICE_URL: urls.worker.join() }),
    ...(usesDatabase && databaseUrl && { DATABASE_URL: databaseUrl }),
  };
}
