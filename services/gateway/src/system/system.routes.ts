import { type SystemOverview, systemOverviewSchema } from '@prodigon/contracts';
import type { CallContext, JobsClient } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { AdmissionControl } from '../admission/admission-control.ts';
import type { ModelCatalog } from '../models/model-catalog.ts';
import { type HealthProber, replicasOf } from './health-prober.ts';
import { getSystemOverview } from './system.operations.ts';

export interface SystemRoutesOptions {
  jobs: JobsClient;
  version: string;
  environment: string;
  topology: SystemOverview['topology'];
  prober: HealthProber;
  admission: AdmissionControl;
  catalog: ModelCatalog;
  createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext;
}

export function systemRoutes(options: SystemRoutesOptions): FastifyPluginAsyncZod {
  const { jobs, version, environment, topology, prober, admission, catalog, createContext } = options;
  return async (app) => {
    app.get(
      '/api/v1/system/overview',
      {
        config: { access: 'caller', operation: getSystemOverview },
        schema: { response: { 200: systemOverviewSchema } },
      },
      async (request, reply) => {
        const context = createContext(request, reply);
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
          default_model: catalog.lastDefault(),
          jobs: activity,
        };
      },
    );
  };
}
