import type { SystemOverview } from '@prodigon/contracts';
import { createCallContext, type Lifecycle, type Metrics } from '@prodigon/platform';
import type { ContentStore, JobsClient, ModelClient, ServiceProbe } from '@prodigon/ports';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { createAdmission } from './admission/admission-control.ts';
import { createAdmit } from './admission/admit.ts';
import { contentRoutes } from './content/content.routes.ts';
import { generationRoutes } from './generation/generation.routes.ts';
import type { StreamTimings } from './generation/stream-relay.ts';
import { jobsRoutes } from './jobs/jobs.routes.ts';
import { createModelCatalogue } from './models/model-catalogue.ts';
import { modelsRoutes } from './models/models.routes.ts';
import { openAiRoutes } from './openai/openai.routes.ts';
import { toErrorResponse } from './openai/to-error-response.ts';
import { documentationRoutes } from './openapi/openapi.routes.ts';
import { createProber } from './system/health-prober.ts';
import { replicasOf } from './system/replicas-of.ts';
import { systemRoutes } from './system/system.routes.ts';
import { usageRoutes } from './usage/usage.routes.ts';
import { pageRoutes } from './web-ui/web-ui.routes.ts';

export interface GatewayServiceDependencies {
  model: ModelClient;
  jobs: JobsClient;
  content: ContentStore;
  /** One for each service of the platform, this one included. */
  probes: readonly ServiceProbe[];
  lifecycle: Lifecycle;
  metrics: Metrics;
  /** Where the built page is. */
  webUiDirectory: string;
  version: string;
  environment: string;
  topology: SystemOverview['topology'];
  limits: { streamsMax: number; totalTimeoutMs: number };
  timings?: Partial<StreamTimings>;
}

const TIMINGS: StreamTimings = { heartbeatMs: 15_000, openAfterMs: 10_000 };

/** The door of the platform: everything that a browser or a client may ask, and nothing else. */
export function createGatewayService(dependencies: GatewayServiceDependencies) {
  const { model, jobs, content, probes, lifecycle, metrics, webUiDirectory, version, environment, topology, limits } =
    dependencies;
  const admission = createAdmission({ max: limits.streamsMax, onChange: (active) => metrics.activeGenerations.set(active) });
  const catalogue = createModelCatalogue({ model });
  const prober = createProber({ probes });
  const timings = { ...TIMINGS, ...dependencies.timings };
  const createContext = (request: FastifyRequest, reply: FastifyReply, timeoutMs = limits.totalTimeoutMs) =>
    createCallContext(request, reply, { lifecycle, timeoutMs, principal: { id: 'local' } });

  const admit = createAdmit({ admission, createContext });

  const plugins = [
    documentationRoutes({ version }),
    generationRoutes({ model, catalogue, admit, timings }),
    openAiRoutes({ model, catalogue, admit, createContext, timings }),
    jobsRoutes({ jobs, catalogue, createContext, heartbeatMs: timings.heartbeatMs }),
    modelsRoutes({ catalogue, createContext }),
    usageRoutes({ model, createContext }),
    contentRoutes({ content }),
    systemRoutes({ jobs, version, environment, topology, prober, admission, catalogue, createContext }),
    pageRoutes({ directory: webUiDirectory }),
  ] as FastifyPluginAsync[];

  return {
    plugins,
    toErrorResponse,
    /** Whether any model service could be reached just now: without one there is no point in sending work here. */
    async isModelServiceUp(): Promise<{ ok: boolean; detail?: string }> {
      const replicas = replicasOf(await prober.measure(), 'model');
      if (replicas.some(({ status }) => status === 'up')) return { ok: true };
      const detail = replicas.find((replica) => replica.detail !== null)?.detail;
      return { ok: false, ...(detail && { detail }) };
    },
  };
}
