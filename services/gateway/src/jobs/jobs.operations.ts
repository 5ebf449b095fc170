import {
  type CreateJobRequestInput,
  createJobRequestSchema,
  JOB_LIMITS,
  type Job,
  type JobItem,
  type JobResultLine,
  jobEventSchemas,
  jobFileQuerySchema,
  jobInputSchema,
  jobItemListSchema,
  jobListSchema,
  jobResultLineSchema,
  jobSchema,
} from '@prodigon/contracts';
import {
  eventSchema,
  type Operation,
  type OperationContent,
  type OperationContents,
  type OperationResponse,
  REQUEST_LIMIT_HEADERS,
  SERVICE_ERRORS,
} from '@prodigon/platform';
import { z } from 'zod';

const JOB_ID = '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d5e';
const START = '2026-03-01T09:30:00.000Z';
const usage = { prompt_tokens: 21, completion_tokens: 64, total_tokens: 85 };

const queued: Job = {
  job_id: JOB_ID,
  name: 'What is backpressure?',
  status: 'pending',
  cancelling: false,
  created_at: START,
  started_at: null,
  completed_at: null,
  expires_at: '2026-03-02T09:30:00.000Z',
  model: null,
  max_tokens: null,
  temperature: null,
  system_prompt: null,
  priority: 0,
  total_prompts: 2,
  completed_prompts: 0,
  failed_prompts: 0,
  cancelled_prompts: 0,
  running_prompts: 0,
  usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
  cost_usd: 0,
  eta_s: null,
  sequence: 0,
  error: null,
};
const completed: Job = {
  ...queued,
  status: 'completed',
  started_at: START,
  completed_at: '2026-03-01T09:30:04.000Z',
  completed_prompts: 2,
  usage,
  sequence: 4,
  results: ['A slow reader slows its writer down.', 'A switch that stops calls of a failing service.'],
};
const { results: _, ...listed } = completed;

const item: JobItem = {
  index: 0,
  custom_id: 'q-1',
  prompt: 'What is backpressure?',
  status: 'succeeded',
  attempts: 1,
  output: 'A slow reader slows its writer down.',
  finish_reason: 'stop',
  error: null,
  model: 'prodigon-tutor',
  usage,
  estimated: false,
  cost_usd: 0,
  worker: 'worker-1',
  started_at: START,
  completed_at: '2026-03-01T09:30:02.000Z',
  next_attempt_at: null,
  wait_ms: 3.1,
  latency_ms: 812.4,
};

const resultLine: JobResultLine = {
  id: `${JOB_ID}:0`,
  index: 0,
  custom_id: 'q-1',
  prompt: item.prompt,
  response: {
    status_code: 200,
    request_id: 'r1',
    body: {
      text: 'A slow reader slows its writer down.',
      model: 'prodigon-tutor',
      finish_reason: 'stop',
      usage,
      estimated: false,
      cost_usd: 0,
      latency_ms: 812.4,
    },
  },
  error: null,
};

const { prompt: _prompt, output: _output, ...itemState } = item;
const eventFrames = [
  ['item', itemState],
  ['job', { job: listed, running: [] }],
  ['end', { status: 'completed' }],
].map(([event, data], index) => `id: ${JOB_ID}:4.${index}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);

const request: CreateJobRequestInput = {
  prompts: ['What is backpressure?', 'What is a circuit breaker?'],
  name: 'Glossary',
  max_tokens: 256,
};

const jsonLines: OperationContent = {
  schema: z.string(),
  items: z.union([jobInputSchema, jobInputSchema.shape.prompt]).meta({ id: 'JobFileLine', unusedIO: 'input' }),
  examples: { lines: '{"prompt": "What is backpressure?", "custom_id": "q-1"}\n{"prompt": "What is a circuit breaker?"}\n' },
};

const jobResponse = (description: string, job: Job): OperationResponse => ({
  description,
  content: { 'application/json': { schema: jobSchema, examples: { job } } },
});

const tag = 'jobs';
const errors = ['JOB_NOT_FOUND', 'INSUFFICIENT_STORAGE', ...SERVICE_ERRORS] as const;

export const createJob = {
  operationId: 'createJob',
  tag,
  summary: 'Create a batch job',
  description: [
    `Send up to ${JOB_LIMITS.promptsMax} prompts as JSON, or a file with up to ${JOB_LIMITS.fileLinesMax} prompts as the body and the other options in the query.`,
    [
      'File formats:',
      '- `application/jsonl`: one string or `{"prompt", "custom_id"?}` per line',
      '- `text/csv`: a header with the column `prompt` and, optionally, `custom_id`',
      '- `text/plain`: one prompt per line',
    ].join('\n'),
    'If lines are invalid, the error lists each of them and no job is created.',
  ].join('\n\n'),
  query: jobFileQuerySchema,
  body: {
    'application/json': { schema: createJobRequestSchema, examples: { prompts: request } },
    'application/jsonl': jsonLines,
    'application/x-ndjson': jsonLines,
    'application/x-jsonlines': jsonLines,
    'text/csv': {
      schema: z.string(),
      examples: { records: 'prompt,custom_id\n"What is backpressure?",q-1\n"What is a circuit breaker?",q-2\n' },
    },
    'text/plain': { schema: z.string(), examples: { lines: 'What is backpressure?\nWhat is a circuit breaker?\n' } },
  },
  responses: {
    202: {
      ...jobResponse('The job, which runs in the background', queued),
      headers: ['Location', 'Idempotent-Replayed', ...REQUEST_LIMIT_HEADERS],
    },
  },
  errors: ['CONFLICT', 'UNKNOWN_MODEL', 'RATE_LIMITED', 'INSUFFICIENT_STORAGE', ...SERVICE_ERRORS],
} satisfies Operation;

export const listJobs = {
  operationId: 'listJobs',
  tag,
  summary: 'List your jobs',
  description: 'Returns your jobs, newest first, without their results.',
  responses: {
    200: {
      description: 'One page of jobs',
      content: {
        'application/json': { schema: jobListSchema, examples: { page: { jobs: [listed], next_after: null } } },
      },
    },
  },
  errors: SERVICE_ERRORS,
} satisfies Operation;

export const getJob = {
  operationId: 'getJob',
  tag,
  summary: 'Retrieve a job',
  description: `Returns a job, with its results if it has at most ${JOB_LIMITS.inlineResultsMax} prompts.`,
  responses: { 200: jobResponse('The job', completed) },
  errors,
} satisfies Operation;

export const listJobItems = {
  operationId: 'listJobItems',
  tag,
  summary: 'List the items of a job',
  description: 'Returns the prompts of a job with their states and outputs, ordered by index.',
  responses: {
    200: {
      description: 'One page of items',
      content: {
        'application/json': { schema: jobItemListSchema, examples: { page: { items: [item], next_after: null } } },
      },
    },
  },
  errors,
} satisfies Operation;

const resultLines: OperationContents = {
  'application/jsonl': { schema: z.string(), items: jobResultLineSchema, examples: { lines: `${JSON.stringify(resultLine)}\n` } },
};
const resumable = ['Accept-Ranges', 'ETag'];

export const downloadJobResults = {
  operationId: 'downloadJobResults',
  tag,
  summary: 'Download the results of a job',
  description:
    'Returns the finished items as JSON Lines. Items that are still in progress are missing. The results of a job that has ended have an `ETag` and accept `Range`, to continue a download.',
  headers: z.object({
    range: z.string().optional().describe('The bytes to return, e.g. `bytes=1000-`'),
    'if-range': z.string().optional().describe('The `ETag` of the results that `range` continues'),
    'if-none-match': z.string().optional().describe('The `ETag` of results that the client has'),
  }),
  responses: {
    200: {
      description: 'One JSON object per finished item, ordered by index',
      headers: ['Content-Disposition', ...resumable],
      content: resultLines,
    },
    206: {
      description: 'The requested bytes',
      headers: ['Content-Disposition', 'Content-Range', ...resumable],
      content: resultLines,
    },
    304: { description: 'The client has these results', headers: resumable },
  },
  errors: [...errors, 'RANGE_NOT_SATISFIABLE'],
} satisfies Operation;

export const streamJobEvents = {
  operationId: 'streamJobEvents',
  tag,
  summary: 'Stream the progress of a job',
  description:
    'Returns server-sent events: `item` when an item changes, `job` when the counts change, `end` when the job is finished. ' +
    'With `Last-Event-ID` or `?after=<sequence>` the stream resumes without gaps or repeats; otherwise it starts now.',
  headers: z.object({
    'last-event-id': z
      .string()
      .optional()
      .describe('The id of the last event that you received: `<job id>:<sequence>.<index>`. It takes precedence over `after`'),
  }),
  responses: {
    200: {
      description: 'The events of the job',
      content: {
        'text/event-stream': {
          schema: z.string(),
          items: eventSchema('JobEvent', jobEventSchemas),
          examples: { events: eventFrames.join('') },
        },
      },
    },
  },
  errors,
} satisfies Operation;

export const cancelJob = {
  operationId: 'cancelJob',
  tag,
  summary: 'Cancel a job',
  description: 'Starts no further prompts of a job. Prompts in flight may finish.',
  responses: { 200: jobResponse('The job', { ...queued, status: 'cancelled', cancelled_prompts: 2 }) },
  errors,
} satisfies Operation;

export const retryJob = {
  operationId: 'retryJob',
  tag,
  summary: 'Retry a job',
  description: 'Restarts every item that has no result. The job must have ended.',
  responses: { 200: jobResponse('The job, which runs in the background', queued) },
  errors: [...errors, 'CONFLICT'],
} satisfies Operation;

export const deleteJob = {
  operationId: 'deleteJob',
  tag,
  summary: 'Delete a job',
  description: 'Deletes a finished job and its results.',
  responses: { 204: { description: 'The job is deleted' } },
  errors: [...errors, 'CONFLICT'],
} satisfies Operation;
