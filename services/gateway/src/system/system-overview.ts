import type { SystemOverview } from '@prodigon/contracts';
import type { CallContext, JobsClient } from '@prodigon/ports';
import type { AdmissionControl } from '../admission/admission-control.ts';
import type { ModelCatalog } from '../models/model-catalog.ts';
import { type HealthProber, replicasOf } from './health-prober.ts';

export interface SystemOverviewDependencies {
  jobs: JobsClient;
  version: string;
  environment: string;
  topology: SystemOverview['topology'];
  prober: HealthProber;
  admission: AdmissionControl;
  catalog: ModelCatalog;
}

export type ReadSystemOverview = (context: CallContext) => Promise<SystemOverview>;

/** Creates the function that measures the state of the platform. */
export function createSystemOverview(dependencies: SystemOverviewDependencies): ReadSystemOverview {
  const { jobs, version, environment, topology, prober, admission, catalog } = dependencies;
  return async (context) => {
    const services = await prober.watch();
    const isUp = (service: string) => replicasOf(services, service).some(({ status }) => status === 'up');
    // Query only healthy services, so that a dead one cannot delay the response.
    const [activity] = await Promise.all([
      isUp('worker') ? jobs.activity(context).catch(() => null) : null,
      isUp('model') ? catalog.list(context).catch(() => undefined) : undefined,
    ]);
    return {
      version,
      environment,
      topology,
      node_version: process.version,
      services,
      streams: { active: admission.active, max: admission.max },
      default_model: catalog.lastDefault(context),
      jobs: activity,
    };
  };
}
