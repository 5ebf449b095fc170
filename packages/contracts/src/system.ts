import { z } from 'zod';

/** The response of GET `/health` on every service. */
export const healthSchema = z
  .object({
    status: z.enum(['ok', 'draining']),
    service: z.string(),
    version: z.string(),
    environment: z.string(),
    pid: z.int(),
    hostname: z.string().optional().describe('Name of the container; only in containers, where every service has the same pid'),
    uptime_s: z.number(),
  })
  .meta({ id: 'Health' });
export type Health = z.infer<typeof healthSchema>;

/** A condition of readiness, e.g. that the database responds. */
export const readinessCheckSchema = z.object({
  name: z.string(),
  ok: z.boolean(),
  required: z.boolean(),
  latency_ms: z.number().optional().describe('Round trip to the dependency in milliseconds'),
  detail: z.string().optional().describe('Why the check failed'),
});
export type ReadinessCheckResult = z.infer<typeof readinessCheckSchema>;

/** The response of GET `/readyz`: 200 when `ready`, 503 otherwise. Only `required` checks make a service unready. */
export const readinessSchema = healthSchema
  .extend({ ready: z.boolean(), checks: z.array(readinessCheckSchema) })
  .meta({ id: 'Readiness' });
export type Readiness = z.infer<typeof readinessSchema>;

/** The result of one probe of a service or of a dependency such as the database. Fields that could not be measured are null. */
export const serviceStatusSchema = z.object({
  name: z.string(),
  status: z
    .enum(['up', 'draining', 'unready', 'down', 'unknown'])
    .describe('`unready`: runs, but a dependency that it requires fails. `unknown`: no service could check the dependency'),
  checked_at: z.iso.datetime(),
  latency_ms: z.number().nullable().describe('Round trip of the probe in milliseconds'),
  version: z.string().nullable(),
  uptime_s: z.number().nullable(),
  pid: z.int().nullable(),
  hostname: z.string().optional().describe('Name of the container; only in containers, where every service has the same pid'),
  detail: z.string().nullable().describe('Why the service is not up'),
});
export type ServiceStatus = z.infer<typeof serviceStatusSchema>;

/** A service in the overview: its newest probe and the recent ones, so that short outages are visible. */
export const serviceOverviewSchema = serviceStatusSchema
  .extend({
    recent_probes: z
      .array(serviceStatusSchema.pick({ status: true, checked_at: true, latency_ms: true }))
      .describe('Up to 60 probes, oldest first; taken four times a second while clients request the overview'),
  })
  .meta({ id: 'ServiceOverview' });
export type ServiceOverview = z.infer<typeof serviceOverviewSchema>;

/** Median and 95th percentile, in milliseconds. */
export const quantilesSchema = z.object({ p50: z.number(), p95: z.number() });

/** Metrics of batch jobs from the worker services. Totals count from the start of their processes. */
export const jobActivitySchema = z
  .object({
    since: z.iso.datetime().describe('Start of the totals: when the worker process started, of several the first one'),
    waiting: z.int().describe('Items that wait for a worker or for their next attempt'),
    running: z.int().describe('Items in flight'),
    oldest_ms: z.number().describe('Age of the oldest unfinished job; 0 without one'),
    claimed_total: z.int(),
    retries_total: z.int(),
    lease_expiries_total: z.int().describe('Items requeued after their leases expired'),
    succeeded_total: z.int(),
    failed_total: z.int(),
    wait_ms: quantilesSchema.nullable().describe('From submission to first attempt; null without measurements'),
    run_ms: quantilesSchema.nullable().describe('Duration of successful attempts; null without measurements'),
    workers: z.array(
      z.object({
        name: z.string(),
        running: z.int(),
        last_seen_ms: z.number().describe('Time since the worker renewed its leases'),
      }),
    ),
  })
  .meta({ id: 'JobActivity' });
export type JobActivity = z.infer<typeof jobActivitySchema>;

/** The response of GET `/api/v1/system/overview`. */
export const systemOverviewSchema = z
  .object({
    version: z.string(),
    environment: z.string(),
    topology: z.enum(['services', 'monolith']),
    node_version: z.string(),
    services: z.array(serviceOverviewSchema),
    streams: z.object({ active: z.int(), max: z.int() }),
    default_model: z.string().nullable(),
    jobs: jobActivitySchema.nullable().describe('Null while no worker service is ready'),
  })
  .meta({ id: 'SystemOverview' });
export type SystemOverview = z.infer<typeof systemOverviewSchema>;
