import { z } from 'zod';

/** The answer of GET `/health` on every service. */
export const healthSchema = z
  .object({
    status: z.enum(['ok', 'draining']),
    service: z.string(),
    version: z.string(),
    environment: z.string(),
    pid: z.int(),
    uptime_s: z.number(),
  })
  .meta({ id: 'Health' });
export type Health = z.infer<typeof healthSchema>;

/** The answer of GET `/readyz`: 200 when `ready`, else 503. Checks that are not `required` never make it unready. */
export const readinessSchema = z
  .object({
    ready: z.boolean(),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), required: z.boolean(), detail: z.string().optional() })),
  })
  .meta({ id: 'Readiness' });
export type Readiness = z.infer<typeof readinessSchema>;

/** What one probe of one service measured. Fields that could not be measured are null, never invented. */
export const serviceStatusSchema = z.object({
  name: z.string(),
  status: z.enum(['up', 'draining', 'down']),
  checked_at: z.iso.datetime(),
  latency_ms: z.number().nullable().describe('Round trip of the probe, in milliseconds'),
  version: z.string().nullable(),
  uptime_s: z.number().nullable(),
  pid: z.int().nullable(),
  detail: z.string().nullable().describe('Why it is not up, in words'),
});
export type ServiceStatus = z.infer<typeof serviceStatusSchema>;

/** A service as the overview shows it: the newest probe, and the ones before it, so that no outage is too short to be seen. */
export const serviceOverviewSchema = serviceStatusSchema.extend({
  recent_probes: z
    .array(serviceStatusSchema.pick({ status: true, checked_at: true, latency_ms: true }))
    .describe('Up to 60, oldest first; taken four times a second while somebody asks for the overview'),
});
export type ServiceOverview = z.infer<typeof serviceOverviewSchema>;

/** The middle and the slow end of what was measured over the last minutes, in milliseconds. */
const quantilesSchema = z.object({ p50: z.number(), p95: z.number() });

/** What the worker services measure of batch jobs. The totals count since their processes began. */
export const jobActivitySchema = z.object({
  waiting: z.int().describe('Prompts that wait for a worker or for their next attempt'),
  running: z.int().describe('Prompts in flight'),
  oldest_ms: z.number().describe('Since the oldest unfinished job was submitted; 0 without one'),
  claimed_total: z.int(),
  retries_total: z.int(),
  lease_expiries_total: z.int().describe('Prompts taken over from workers that had fallen silent'),
  succeeded_total: z.int(),
  failed_total: z.int(),
  wait_ms: quantilesSchema.nullable().describe('From submission to first attempt; null before anything was measured'),
  run_ms: quantilesSchema.nullable().describe('Of the attempts that succeeded; null before anything was measured'),
  workers: z.array(
    z.object({ name: z.string(), running: z.int(), last_seen_ms: z.number().describe('Since it last renewed its lease') }),
  ),
});
export type JobActivity = z.infer<typeof jobActivitySchema>;

/** The answer of GET `/api/v1/system/overview`. */
export const systemOverviewSchema = z
  .object({
    version: z.string(),
    environment: z.string(),
    topology: z.enum(['services', 'monolith']),
    node_version: z.string(),
    services: z.array(serviceOverviewSchema),
    streams: z.object({ active: z.int(), max: z.int() }),
    default_model: z.string().nullable(),
    jobs: jobActivitySchema.nullable().describe('Null while no worker service can be asked'),
  })
  .meta({ id: 'SystemOverview' });
export type SystemOverview = z.infer<typeof systemOverviewSchema>;
