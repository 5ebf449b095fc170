import { type SystemOverview, systemOverviewSchema } from '@prodigon/contracts';
import { type Operation, SERVICE_ERRORS } from '@prodigon/platform';

const CHECKED_AT = '2026-03-01T09:30:00.000Z';
const overview: SystemOverview = {
  version: '0.2.0',
  environment: 'development',
  topology: 'services',
  node_version: 'v24.21.0',
  services: [
    {
      name: 'model',
      status: 'up',
      checked_at: CHECKED_AT,
      latency_ms: 1.3,
      version: '0.2.0',
      uptime_s: 3600,
      pid: 4711,
      detail: null,
      recent_probes: [{ status: 'up', checked_at: CHECKED_AT, latency_ms: 1.3 }],
    },
  ],
  streams: { active: 2, max: 1000 },
  default_model: 'prodigon-tutor',
  jobs: null,
};

export const getSystemOverview = {
  operationId: 'getSystemOverview',
  tag: 'system',
  summary: 'Report the health of every service',
  description: 'Returns the newest and the recent probes of every service, the streams in flight and the activity of batch jobs.',
  responses: {
    200: {
      description: 'The state of the platform',
      content: { 'application/json': { schema: systemOverviewSchema, examples: { overview } } },
    },
  },
  errors: SERVICE_ERRORS,
} satisfies Operation;
