import { z } from 'zod';
import { errorCodeSchema } from './error-codes.ts';
import { jobEventSchemas } from './jobs.ts';
import { systemOverviewSchema } from './system.ts';

/** Maximum topics of one event connection. */
export const EVENT_TOPICS_MAX = 20;
const JOB_TOPIC = 'job:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?::\\d{1,15}(?:\\.\\d{1,10})?)?';
const TOPIC = `(?:health|jobs|conversations|${JOB_TOPIC})`;

/** Query of GET `/api/v1/events`. */
export const platformEventsQuerySchema = z.strictObject({
  topics: z
    .string()
    .regex(new RegExp(`^${TOPIC}(?:,${TOPIC}){0,${EVENT_TOPICS_MAX - 1}}$`), {
      error: `Must list up to ${EVENT_TOPICS_MAX} of health, jobs, conversations and job:<job id>, separated by commas`,
    })
    .meta({ examples: ['jobs', 'health,job:01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d5e'] })
    .describe(
      `Up to ${EVENT_TOPICS_MAX} topics, separated by commas: \`health\`, \`jobs\`, \`conversations\`, and \`job:<job id>\`, or \`job:<event id>\` to resume after that event`,
    ),
});

/**
 * Events of GET `/api/v1/events`, keyed by the SSE `event` field. `job`, `item` and `end` are those of a job's own stream,
 * and their ids begin with the job id. `error` ends one topic; the others continue.
 */
export const platformEventSchemas = {
  health: systemOverviewSchema,
  jobs: z.object({
    job_ids: z
      .array(z.uuid())
      .nullable()
      .describe('The jobs that were created, changed or deleted; null when any of them may have changed'),
  }),
  conversations: z.object({
    conversation_ids: z
      .array(z.uuid())
      .nullable()
      .describe('The conversations that were created, changed or deleted; null when any of them may have changed'),
  }),
  ...jobEventSchemas,
  error: z.object({
    topic: z.string().describe('The topic that ended, without a position'),
    code: errorCodeSchema,
    message: z.string(),
    retryable: z.boolean(),
  }),
} as const;
export type PlatformEventName = keyof typeof platformEventSchemas;
export type PlatformEventData<Name extends PlatformEventName> = z.infer<(typeof platformEventSchemas)[Name]>;
