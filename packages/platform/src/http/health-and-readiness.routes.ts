import { type Health, healthSchema, type Readiness, readinessSchema } from '@prodigon/contracts';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Lifecycle } from '../lifecycle/graceful-shutdown.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { getHealth, getLiveness, getMetrics, getReadiness, livenessSchema } from './health-and-readiness.operations.ts';

export interface ReadinessCheck {
  readonly name: string;
  /** Whether a failure makes the service unready. Other checks are only reported. */
  readonly required: boolean;
  check(): Promise<{ ok: boolean; detail?: string }>;
}

export interface HealthRoutesOptions {
  service: string;
  version: string;
  environment: string;
  lifecycle: Lifecycle;
  metrics: Metrics;
  checks?: readonly ReadinessCheck[];
}

/** Health, readiness and metrics endpoints. No probe calls a model. */
export function healthRoutes({ lifecycle, metrics, checks = [], ...identity }: HealthRoutesOptions): FastifyPluginAsyncZod {
  const health = createHealth({ ...identity, lifecycle });
  // Probes send parameters to bypass caches.
  const config = { access: 'public', query: 'ignored' } as const;
  return async (app) => {
    app.get(
      '/health',
      {
        config: { ...config, operation: getHealth },
        schema: { response: { 200: healthSchema } },
      },
      async () => health(),
    );

    app.get(
      '/livez',
      {
        config: { ...config, operation: getLiveness },
        schema: { response: { 200: livenessSchema } },
      },
      async () => ({ alive: true as const }),
    );

    app.get(
      '/readyz',
      {
        config: { ...config, operation: getReadiness },
        schema: { response: { 200: readinessSchema, 503: readinessSchema } },
      },
      async (_request, reply) => {
        const results = await Promise.all(
          checks.map(async ({ name, required, check }) => ({ name, required, ...(await check()) })),
        );
        const all: Readiness['checks'] = [{ name: 'not draining', required: true, ok: !lifecycle.isDraining }, ...results];
        const ready = all.every(({ ok, required }) => ok || !required);
        return reply.code(ready ? 200 : 503).send({ ready, checks: all });
      },
    );

    app.get(
      '/metrics',
      {
        config: { access: 'operator', query: 'ignored', operation: getMetrics },
      },
      async (_request, reply) => {
        reply.header('content-type', metrics.registry.contentType);
        return metrics.registry.metrics();
      },
    );
  };
}

/** Creates the handler of `/health`. Probes in the same process call it directly. */
export function createHealth(identity: {
  service: string;
  version: string;
  environment: string;
  lifecycle: Lifecycle;
}): () => Health {
  const { lifecycle, ...rest } = identity;
  return () => ({
    status: lifecycle.isDraining ? 'draining' : 'ok',
    ...rest,
    pid: process.pid,
    uptime_s: Math.round(process.uptime() * 10) / 10,
  });
}
