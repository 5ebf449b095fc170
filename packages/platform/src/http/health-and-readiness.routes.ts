import { hostname } from 'node:os';
import { type Health, healthSchema, type Readiness, type ReadinessCheckResult, readinessSchema } from '@prodigon/contracts';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Lifecycle } from '../lifecycle/graceful-shutdown.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { getHealth, getLiveness, getMetrics, getReadiness, livenessSchema } from './health-and-readiness.operations.ts';

export interface ReadinessCheck {
  readonly name: string;
  /** Whether a failure makes the service unready. Other checks are only reported. */
  readonly required: boolean;
  check(): Promise<Pick<ReadinessCheckResult, 'ok' | 'detail' | 'latency_ms'>>;
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
  const readiness = createReadiness({ ...identity, lifecycle, checks });
  // Probes send parameters to bypass caches.
  const config = { access: 'public', query: 'ignored', isOperational: true } as const;
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
        const result = await readiness();
        return reply.code(result.ready ? 200 : 503).send(result);
      },
    );

    app.get(
      '/metrics',
      {
        config: { ...config, access: 'operator', operation: getMetrics },
      },
      async (_request, reply) => {
        reply.header('content-type', metrics.registry.contentType);
        return metrics.registry.metrics();
      },
    );
  };
}

interface ServiceIdentity {
  service: string;
  version: string;
  environment: string;
  lifecycle: Lifecycle;
}

/** Creates the handler of `/health`. In a container, every process has the id 1, and its host is the container. */
export function createHealth(identity: ServiceIdentity, pid = process.pid): () => Health {
  const { lifecycle, ...rest } = identity;
  return () => ({
    status: lifecycle.isStopping ? 'draining' : 'ok',
    ...rest,
    pid,
    ...(pid === 1 && { hostname: hostname() }),
    uptime_s: Math.round(process.uptime() * 10) / 10,
  });
}

/** Creates the handler of `/readyz`. Probes in the same process call it directly. */
export function createReadiness({
  checks = [],
  ...identity
}: ServiceIdentity & { checks?: readonly ReadinessCheck[] }): () => Promise<Readiness> {
  const health = createHealth(identity);
  return async () => {
    const results = await Promise.all(checks.map(async ({ name, required, check }) => ({ name, required, ...(await check()) })));
    const all = [{ name: 'not draining', required: true, ok: !identity.lifecycle.isStopping }, ...results];
    return { ...health(), ready: all.every(({ ok, required }) => ok || !required), checks: all };
  };
}
