import { z } from 'zod';
import { errorCodeSchema } from './error-codes.ts';
import { GENERATION_LIMITS, generateRequestSchema, usageSchema } from './generation.ts';

/** The limits that the API enforces and the page and the command line show: one source for all. */
export const JOB_LIMITS = {
  /** Prompts in the body of one POST; a file may hold more. */
  promptsMax: 100,
  fileLinesMax: 50_000,
  fileBytesMax: 200 * 1024 * 1024,
  lineBytesMax: 1024 * 1024,
  promptCharactersMax: GENERATION_LIMITS.promptCharactersMax,
  customIdCharactersMax: 128,
  nameCharactersMax: 120,
  priorityMax: 9,
  expiresInHoursMax: 168,
  expiresInHoursDefault: 24,
  /** Bad lines that are told one by one; further ones are only counted. */
  lineErrorsMax: 100,
  /** Jobs up to this size carry their `results`; larger ones have `results.jsonl` and `items`. */
  inlineResultsMax: 100,
  pageMax: 200,
  idempotencyKeyCharactersMax: 255,
} as const;

/** A kind of file that a job may be made of, by the media type that it is sent with. */
export const JOB_FILE_FORMATS = {
  jsonl: {
    mediaType: 'application/jsonl',
    extension: '.jsonl',
    description: 'one JSON value a line: {"prompt", "custom_id"?} or a string',
  },
  csv: {
    mediaType: 'text/csv',
    extension: '.csv',
    description: 'a header with the column prompt, and custom_id if there are ids',
  },
  txt: { mediaType: 'text/plain', extension: '.txt', description: 'one prompt a line; empty lines do not count' },
} as const;
export type JobFileFormat = keyof typeof JOB_FILE_FORMATS;

const { max_tokens, temperature, ...text } = generateRequestSchema.shape;

/** What is kept in a database, which cannot hold this one character in a text, and would change what is no Unicode. */
const storable = <Schema extends z.ZodType<string | undefined>>(schema: Schema) =>
  schema
    .refine((value) => !value?.includes('\0'), 'Must not contain the character U+0000')
    .refine((value) => value?.isWellFormed() ?? true, 'Must not contain half of a surrogate pair');
const prompt = storable(text.prompt);
const model = storable(text.model);
const system_prompt = storable(text.system_prompt);
const name = storable(z.string().trim().min(1).max(JOB_LIMITS.nameCharactersMax));
const priority = z.int().min(0).max(JOB_LIMITS.priorityMax);
const expiresInHours = z.int().min(1).max(JOB_LIMITS.expiresInHoursMax);

/** What holds for all prompts of a job. */
export const jobOptionsSchema = z.strictObject({
  name: name.optional().describe('What the job is called in lists; the beginning of its first prompt without it'),
  model,
  max_tokens,
  temperature,
  system_prompt,
  priority: priority.default(0).describe('Among the jobs of one owner: 9 first. A waiting job gains one level every ten minutes'),
  expires_in_hours: expiresInHours
    .default(JOB_LIMITS.expiresInHoursDefault)
    .describe('What has not begun by then is given up; what is finished is kept'),
});
export type JobOptions = z.infer<typeof jobOptionsSchema>;
export type JobOptionsInput = z.input<typeof jobOptionsSchema>;

/** The body of POST `/api/v1/jobs` as JSON. */
export const createJobRequestSchema = z
  .strictObject({ prompts: z.array(prompt).min(1).max(JOB_LIMITS.promptsMax), ...jobOptionsSchema.shape })
  .meta({ id: 'CreateJobRequest' });
export type CreateJobRequest = z.infer<typeof createJobRequestSchema>;
export type CreateJobRequestInput = z.input<typeof createJobRequestSchema>;

/** The same options in the query, for a POST whose body is a file. */
export const jobFileQuerySchema = z.strictObject({
  name: name.optional(),
  model,
  max_tokens: z.coerce.number().pipe(max_tokens.unwrap()).default(GENERATION_LIMITS.maxTokensDefault),
  temperature: z.coerce.number().pipe(temperature.unwrap()).default(GENERATION_LIMITS.temperatureDefault),
  system_prompt,
  priority: z.coerce.number().pipe(priority).default(0),
  expires_in_hours: z.coerce.number().pipe(expiresInHours).default(JOB_LIMITS.expiresInHoursDefault),
});

/** One line of a file, or one prompt of the body. */
export const jobInputSchema = z.strictObject({
  prompt,
  custom_id: storable(z.string().min(1).max(JOB_LIMITS.customIdCharactersMax)).optional(),
});
export type JobInput = z.infer<typeof jobInputSchema>;

export const JOB_STATUSES = ['pending', 'running', 'completed', 'failed', 'cancelled', 'expired'] as const;
export const jobStatusSchema = z.enum(JOB_STATUSES);
export type JobStatus = z.infer<typeof jobStatusSchema>;
export const isTerminalJobStatus = (status: JobStatus): boolean => status !== 'pending' && status !== 'running';

export const JOB_ITEM_STATUSES = ['pending', 'running', 'retrying', 'succeeded', 'failed', 'cancelled', 'expired'] as const;
export const jobItemStatusSchema = z.enum(JOB_ITEM_STATUSES);
export type JobItemStatus = z.infer<typeof jobItemStatusSchema>;

export const jobSchema = z
  .object({
    job_id: z.uuid(),
    name: z.string(),
    status: jobStatusSchema.describe(
      'pending: no item has begun. completed: all settled, at least one succeeded. failed: all settled, none succeeded',
    ),
    cancelling: z.boolean().describe('True from the wish to cancel until the items in flight have ended'),
    created_at: z.iso.datetime(),
    started_at: z.iso.datetime().nullable(),
    completed_at: z.iso.datetime().nullable(),
    expires_at: z.iso.datetime(),
    model: z.string().nullable().describe('As it was asked for; null for the default model'),
    max_tokens: z.int(),
    temperature: z.number(),
    system_prompt: z.string().nullable(),
    priority: z.int(),
    total_prompts: z.int(),
    completed_prompts: z.int().describe('Succeeded'),
    failed_prompts: z.int(),
    cancelled_prompts: z.int().describe('Given up before they were answered: cancelled or expired'),
    running_prompts: z.int().describe('In flight just now'),
    usage: usageSchema,
    cost_usd: z.number().nullable().describe('Of the finished prompts; null when the price of one is not known'),
    eta_s: z.number().nullable().describe('Estimated from the pace so far; null before there is one, and when nothing is left'),
    sequence: z.int().describe('Number of the newest change; events after it are at events?after=<sequence>'),
    error: z.string().nullable().describe('Why the job as a whole ended without success'),
    results: z
      .array(z.string())
      .optional()
      .describe(
        'Only of a single job of at most 100 prompts: answers by index up to the first unsettled one, "" for a failed one',
      ),
  })
  .meta({ id: 'Job' });
export type Job = z.infer<typeof jobSchema>;

export const jobListQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(JOB_LIMITS.pageMax).default(20),
  after: z.uuid().optional().describe('The next_after of the page before'),
  status: jobStatusSchema.optional(),
  q: storable(z.string().trim().max(200)).optional().describe('A part of the name, or a job id'),
});
export type JobListQuery = z.infer<typeof jobListQuerySchema>;

/** The answer of GET `/api/v1/jobs`: newest first, without results. */
export const jobListSchema = z
  .object({ jobs: z.array(jobSchema), next_after: z.string().nullable().describe('Null on the last page') })
  .meta({ id: 'JobList' });
export type JobList = z.infer<typeof jobListSchema>;

/** Codes of items that no error of the catalogue describes. */
export const ITEM_ERROR_CODES = ['BATCH_EXPIRED', 'JOB_HALTED', 'WORKER_LOST'] as const;
export const itemErrorSchema = z.object({ code: z.union([errorCodeSchema, z.enum(ITEM_ERROR_CODES)]), message: z.string() });
export type ItemError = z.infer<typeof itemErrorSchema>;

export const jobItemSchema = z
  .object({
    index: z.int().min(0),
    custom_id: z.string().nullable(),
    prompt: z.string(),
    status: jobItemStatusSchema,
    attempts: z.int().describe('How often its work was begun'),
    output: z.string().nullable(),
    finish_reason: z.string().nullable(),
    error: itemErrorSchema.nullable().describe('Of the last attempt'),
    model: z.string().nullable().describe('That answered'),
    usage: usageSchema.nullable(),
    estimated: z.boolean().describe('True when the provider reported no usage and we counted by length'),
    cost_usd: z.number().nullable(),
    worker: z.string().nullable().describe('That worked on it last'),
    started_at: z.iso.datetime().nullable().describe('Of the last attempt'),
    completed_at: z.iso.datetime().nullable(),
    next_attempt_at: z.iso.datetime().nullable(),
    wait_ms: z.number().nullable().describe('From the submission to the first attempt, in milliseconds'),
    latency_ms: z.number().nullable().describe('Of the last attempt, in milliseconds'),
  })
  .meta({ id: 'JobItem' });
export type JobItem = z.infer<typeof jobItemSchema>;

export const jobItemsQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(JOB_LIMITS.pageMax).default(50),
  after: z.coerce
    .number()
    .int()
    .min(-1)
    .max(JOB_LIMITS.fileLinesMax)
    .default(-1)
    .describe('Index of the last item of the page before'),
  status: jobItemStatusSchema.optional(),
});
export type JobItemsQuery = z.infer<typeof jobItemsQuerySchema>;

/** The answer of GET `/api/v1/jobs/{id}/items`, by index. */
export const jobItemListSchema = z
  .object({ items: z.array(jobItemSchema), next_after: z.int().nullable().describe('Null on the last page') })
  .meta({ id: 'JobItemList' });
export type JobItemList = z.infer<typeof jobItemListSchema>;

/** One line of `results.jsonl`: an item that has an answer or has been given up. */
export const jobResultLineSchema = z.object({
  id: z.string().describe('<job id>:<index>'),
  index: z.int(),
  custom_id: z.string().nullable(),
  prompt: z.string(),
  response: z
    .object({
      status_code: z.literal(200),
      request_id: z.string(),
      body: z.object({
        text: z.string(),
        model: z.string(),
        finish_reason: z.string(),
        usage: usageSchema,
        estimated: z.boolean(),
        cost_usd: z.number().nullable(),
        latency_ms: z.number(),
      }),
    })
    .nullable(),
  error: itemErrorSchema.nullable(),
});
export type JobResultLine = z.infer<typeof jobResultLineSchema>;

export const jobResultsQuerySchema = z.object({
  outcome: z.enum(['all', 'succeeded', 'failed']).default('all').describe('failed: everything that has no answer'),
});
export type JobResultsQuery = z.infer<typeof jobResultsQuerySchema>;

/** An item in flight. */
export const runningItemSchema = z.object({
  index: z.int(),
  worker: z.string(),
  attempt: z.int(),
  started_at: z.iso.datetime(),
});
export type RunningItem = z.infer<typeof runningItemSchema>;

/**
 * The events of GET `/api/v1/jobs/{id}/events`, keyed by the SSE `event` field. `item` tells an item's newest
 * state, in the order of the changes, each change once; `job` the numbers as they are; `end` closes the
 * stream when the job is over. `id: <job id>:<sequence>` is where `Last-Event-ID` or `?after=` goes on.
 */
export const jobEventSchemas = {
  job: z.object({ job: jobSchema, running: z.array(runningItemSchema) }),
  item: jobItemSchema.omit({ prompt: true, output: true }),
  end: z.object({ status: jobStatusSchema }),
} as const;
export type JobEventName = keyof typeof jobEventSchemas;
export type JobEventData<Name extends JobEventName> = z.infer<(typeof jobEventSchemas)[Name]>;
/** One event as a reader meets it. */
export type JobEvent = {
  [Name in JobEventName]: { event: Name; data: JobEventData<Name>; id?: string | undefined };
}[JobEventName];

export const jobEventsQuerySchema = z.object({
  after: z.coerce.number().int().min(0).optional().describe('Events after this sequence; from now on without it'),
});
