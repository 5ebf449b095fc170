import { z } from 'zod';
import { quantilesSchema } from './system.ts';

export const ATTEMPT_OUTCOMES = ['running', 'succeeded', 'failed', 'retried', 'stopped', 'lost'] as const;

/** One attempt at one prompt. */
export const jobAttemptSchema = z
  .object({
    index: z.int(),
    attempt: z.int(),
    worker: z.string(),
    started_at: z.iso.datetime(),
    ended_at: z.iso.datetime().nullable(),
    outcome: z
      .enum(ATTEMPT_OUTCOMES)
      .describe(
        'retried: failed, and another attempt follows. stopped: the job was cancelled or expired. lost: its worker ended',
      ),
  })
  .meta({ id: 'JobAttempt' });
export type JobAttempt = z.infer<typeof jobAttemptSchema>;

/** Response of GET `/api/v1/jobs/{id}/timings`. */
export const jobTimingsSchema = z
  .object({
    measured_prompts: z.int().describe('The succeeded prompts, which the quantiles measure'),
    models: z.array(z.string()).describe('The models that responded, most prompts first, at most 10'),
    wait_ms: quantilesSchema.nullable().describe('From submission to the first attempt; null before a prompt has succeeded'),
    run_ms: quantilesSchema.nullable().describe('Duration of the successful attempts'),
    attempts: z
      .array(jobAttemptSchema)
      .describe('The latest attempts in the last minute of the job, at most 2,000, oldest start first'),
  })
  .meta({ id: 'JobTimings' });
export type JobTimings = z.infer<typeof jobTimingsSchema>;
