import { type JobTimings, jobTimingsSchema } from '@prodigon/contracts';
import { type Operation, SERVICE_ERRORS } from '@prodigon/platform';

const timings: JobTimings = {
  measured_prompts: 2,
  models: ['openai/gpt-oss-120b'],
  wait_ms: { p50: 12.5, p95: 31.4 },
  run_ms: { p50: 812.4, p95: 1_204.9 },
  attempts: [
    {
      index: 0,
      attempt: 1,
      worker: 'worker-1',
      started_at: '2026-03-01T09:30:00.000Z',
      ended_at: '2026-03-01T09:30:00.812Z',
      outcome: 'succeeded',
    },
  ],
};

export const getJobTimings = {
  operationId: 'getJobTimings',
  tag: 'jobs',
  summary: 'Measure the prompts of a job',
  description:
    'Returns quantiles of queue time and run time over all succeeded prompts, the models that responded, and the latest attempts by worker.',
  responses: {
    200: {
      description: 'The measurements',
      content: { 'application/json': { schema: jobTimingsSchema, examples: { timings } } },
    },
  },
  errors: ['JOB_NOT_FOUND', ...SERVICE_ERRORS],
} satisfies Operation;
