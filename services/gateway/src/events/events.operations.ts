import { type PlatformEventData, platformEventSchemas } from '@prodigon/contracts';
import { eventSchema, type Operation, SERVICE_ERRORS } from '@prodigon/platform';
import { z } from 'zod';

const JOB_ID = '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d5e';
const changed: PlatformEventData<'jobs'> = { job_ids: [JOB_ID] };
const end: PlatformEventData<'end'> = { status: 'completed' };

export const streamEvents = {
  operationId: 'streamEvents',
  tag: 'system',
  summary: 'Stream the events of several topics',
  description: [
    'Returns server-sent events of several topics over one connection, because browsers open at most six connections to a server.',
    [
      '- `health`: a `health` event with the system overview, every two seconds',
      '- `jobs`: a `jobs` event at the beginning, then whenever your jobs are created, changed or deleted, at most once a second',
      '- `conversations`: a `conversations` event at the beginning, then whenever your conversations are created, changed or deleted, at most once a second',
      '- `job:<job id>`: the events `item`, `job` and `end` of one job; their ids begin with the job id',
    ].join('\n'),
    'A topic that fails ends with an `error` event. The stream ends when all topics have ended, after one hour, or when the gateway begins to stop. ' +
      'To resume a job, send `job:<id of its last event>` as its topic, or send that id as `Last-Event-ID`.',
  ].join('\n\n'),
  headers: z.object({
    'last-event-id': z
      .string()
      .optional()
      .describe('The id of the last event that you received. It resumes the job that it belongs to'),
  }),
  responses: {
    200: {
      description: 'The events of the topics',
      content: {
        'text/event-stream': {
          schema: z.string(),
          items: eventSchema('PlatformEvent', platformEventSchemas),
          examples: {
            events: `event: jobs\ndata: ${JSON.stringify(changed)}\n\nid: ${JOB_ID}:4.2\nevent: end\ndata: ${JSON.stringify(end)}\n\n`,
          },
        },
      },
    },
  },
  errors: SERVICE_ERRORS,
} satisfies Operation;
