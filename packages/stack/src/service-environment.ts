import type { ServiceName } from './process-plan.ts';

/** What a service is told about the others that run with it. */
export interface Whereabouts {
  /** Of what runs already, one for each replica. */
  readonly urls: { readonly model: readonly string[]; readonly worker: readonly string[] };
  /** The embedded database's; null when there is none. */
  readonly databaseUrl: string | null;
}

/** The variables that a service gets over the operator's own, so that it finds what was started for it. */
export function serviceEnvironment(service: ServiceName, { urls, databaseUrl }: Whereabouts): NodeJS.ProcessEnv {
  const callsModel = service === 'gateway' || service === 'worker';
  const usesDatabase = service !== 'gateway';
  return {
    ...(callsModel && urls.model.length > 0 && { MODEL_SERVICE_URL: urls.model.join() }),
    ...(service === 'gateway' && urls.worker.length > 0 && { WORKER_SERVICE_URL: urls.worker.join() }),
    ...(usesDatabase && databaseUrl && { DATABASE_URL: databaseUrl }),
  };
}
