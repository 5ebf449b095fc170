import { errorBodySchema, type SystemOverview, systemOverviewSchema } from '@prodigon/contracts';
import type { CallContext, JobsClient } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Admission } from '../admission/admission-control.ts';
import type { ModelCatalogue } from '../models/model-catalogue.ts';
import type { Prober } from './health-prober.ts';
import { replicasOf } from './replicas-of.ts';

export interface SystemRoutesOptions {
  jobs: JobsClient;
  version: string;
  environment: string;
  topology: SystemOverview['topology'];
  prober: Prober;
  admission: Admission;
  catalogue: ModelCatalogue;
  createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext;
}

export function systemRoutes(options: SystemRoutesOptions): FastifyPluginAsyncZod {
  const { jobs, version, environment, topology, prober, admission, catalogue, createContext } = options;
  return async (app) => {
    app.get(
      '/api/v1/system/overview',
      {
        config: { access: 'caller' },
        schema: {
          tags: ['system'],
          summary: 'The health of every service as measured just now',
          response: { 200: systemOverviewSchema, '4xx': errorBodySchema, '5xx': errorBodySchema },
        },
      },
      async (request, reply) => {
        const context = createContext(request, reply);
        const services = await prober.watch();
        const isUp = (service: string) => replicasOf(services, service).some(({ status }) => status === 'up');
        // Only who is up is asked: the answer must not wait for who is not.
        const [activity] = await Promise.all([
          isUp('worker') ? jobs.activity(context).catch(() => null) : null,
          isUp('model') ? catalogue.list(context).catch(() => undefined) : undefined,
        ]);
        return {
          version,
          environment,
          topology,
          node_version: process.version,
          services,
          streams: { active: admission.active, max: admission.max },
          default_model: catalogue.lastDefault(),
          jobs: activity,
        };
      },
    );
  };
}
