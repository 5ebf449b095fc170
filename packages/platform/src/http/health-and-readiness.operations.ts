import { type Health, healthSchema, type Readiness, readinessSchema } from '@prodigon/contracts';
import { z } from 'zod';
import type { Operation } from './operation.ts';

const tag = 'operations';

export const livenessSchema = z.object({ alive: z.literal(true) }).meta({ id: 'Liveness' });

const health: Health = {
  status: 'ok',
  service: 'gateway',
  version: '0.2.0',
  environment: 'development',
  pid: 4711,
  uptime_s: 3600.5,
};
const ready: Readiness = { ...health, ready: true, checks: [{ name: 'not draining', ok: true, required: true }] };
const draining: Readiness = {
  ...health,
  status: 'draining',
  ready: false,
  checks: [{ name: 'not draining', ok: false, required: true }],
};

export const getHealth = {
  operationId: 'getHealth',
  tag,
  summary: 'Identity and status of the service',
  description: 'Returns the name, the version and the status of the service.',
  responses: {
    200: { description: 'The status', content: { 'application/json': { schema: healthSchema, examples: { health } } } },
  },
} satisfies Operation;

export const getLiveness = {
  operationId: 'getLiveness',
  tag,
  summary: 'Liveness of the process',
  description: 'Responds as long as the process runs. It checks no dependency.',
  responses: {
    200: {
      description: 'The process is alive',
      content: { 'application/json': { schema: livenessSchema, examples: { alive: { alive: true } } } },
    },
  },
} satisfies Operation;

export const getReadiness = {
  operationId: 'getReadiness',
  tag,
  summary: 'Readiness for requests',
  description: 'Returns whether the service should receive requests, with the checks behind it.',
  responses: {
    200: {
      description: 'The service is ready',
      content: { 'application/json': { schema: readinessSchema, examples: { ready } } },
    },
    503: {
      description: 'The service is not ready',
      content: { 'application/json': { schema: readinessSchema, examples: { draining } } },
    },
  },
} satisfies Operation;

export const getMetrics = {
  operationId: 'getMetrics',
  tag,
  summary: 'Prometheus metrics',
  description: 'Returns the metrics of the service in the text format of Prometheus.',
  responses: {
    200: {
      description: 'The metrics',
      content: {
        'text/plain': {
          schema: z.string(),
          examples: { metrics: '# HELP prodigon_active_generations Completions in flight\nprodigon_active_generations 2\n' },
        },
      },
    },
  },
} satisfies Operation;
