import { z } from 'zod';
import { errorCodeSchema } from './error-codes.ts';
import { generateRequestSchema, promptSchema, usageSchema } from './generation.ts';
import { jobItemStatusSchema, jobStatusSchema } from './job-status.ts';
import { nullish, withDefault } from './optional-fields.ts';
import { queryNumber } from './query-number.ts';
import { storable } from './storable-text.ts';

/** Limits of batch jobs. The API enforces them; the web UI and the CLI display them. */
export const JOB_LIMITS = {
  /** Maximum prompts in a JSON body. A file may contain `fileLinesMax`. */
  promptsMax: 100,
  fileLinesMax: 50_000,
  fileBytesMax: 200 * 1024 * 1024,
  lineBytesMax: 1024 * 1024,
  /** A prompt and its custom id fit into a line of `lineBytesMax`. */
  promptCharactersMax: 1_000_000,
  /** Each response with a job includes its system prompt, lists and events too. */
  systemPromptCharactersMax: 10_000,
  customIdCharactersMax: 128,
  nameCharactersMax: 120,
  priorityMax: 9,
  expiresInHoursMax: 168,
  expiresInHoursDefault: 24,
  /** Maximum invalid lines reported with details. Further ones are only counted. */
  lineErrorsMax: 100,
  /** Maximum prompts of a job whose response includes `results`. Larger jobs have `results.jsonl` and `items`. */
  inlineResultsMax: 100,
  pageMax: 200,
  idempotencyKeyCharactersMax: 255,
} as const;

const { max_tokens, temperature, model } = generateRequestSchema.shape;

const prompt = storable(promptSchema(JOB_LIMITS.promptCharactersMax));
const system_prompt = nullish(storable(z.string().min(1, { abort: true }).max(JOB_LIMITS.systemPromptCharactersMax)));
const name = nullish(storable(z.string().trim().min(1).max(JOB_LIMITS.nameCharactersMax)));
const priority = withDefault(z.int().min(0).max(JOB_LIMITS.priorityMax), 0);
const expires_in_hours = withDefault(z.int().min(1).max(JOB_LIMITS.expiresInHoursMax), JOB_LIMITS.expiresInHoursDefault);

/** Options shared by all prompts of a job. Optional ones that are absent are not sent to the provider. */
export const jobOptionsSchema = z.strictObject({
  name: name.describe('Name of the job in lists. Defaults to the beginning of its first prompt'),
  model,
  max_tokens,
  temperature,
  system_prompt,
  priority: priority.describe('Order among the jobs of one owner: 9 runs first. A queued job gains one level every ten minutes'),
  expires_in_hours: expires_in_hours.describe('Prompts that have not started by then expire. Finished results are kept'),
});
export type JobOptions = z.infer<typeof jobOptionsSchema>;
export type JobOptionsInput = z.input<typeof jobOptionsSchema>;

const tooManyPrompts = `Must have at most ${JOB_LIMITS.promptsMax} items. A file upload may have ${JOB_LIMITS.fileLinesMax.toLocaleString('en')}`;

/** JSON body of POST `/api/v1/jobs`. */
export const createJobRequestSchema = z
  .strictObject({ prompts: z.array(prompt).min(1).max(JOB_LIMITS.promptsMax, tooManyPrompts), ...jobOptionsSchema.shape })
  .meta({ id: 'CreateJobRequest' });
export type CreateJobRequest = z.infer<typeof createJobRequestSchema>;
export type CreateJobRequestInput = z.input<typeof createJobRequestSchema>;

const textOption = z.string().nullish();
const numberOption = queryNumber(z.number()).nullish();

/** Query of POST `/api/v1/jobs` when the body is a file: the same options. */
export const jobFileQuerySchema = z
  .strictObject({
    name: textOption,
    model: textOption,
    max_tokens: numberOption,
    temperature: numberOption,
    system_prompt: textOption,
    priority: numberOption,
    expires_in_hours: numberOption,
  })
  .pipe(jobOptionsSchema);

/** One prompt of a job, from a line of a file or from the JSON body. */
export const jobInputSchema = z.strictObject({
  prompt,
  custom_id: nullish(storable(z.string().min(1).max(JOB_LIMITS.customIdCharactersMax))),
});
export type JobInput = z.infer<typeof jobInputSchema>;

export const jobSchema = z
  .object({
    job_id: z.uuid(),
    name: z.string(),
    status: jobStatusSchema.describe(
      'pending: no prompt has started. completed: every prompt has ended and at least one succeeded. failed: every prompt has ended and none succeeded',
    ),
    cancelling: z.boolean().describe('True after a cancel request until all prompts in flight have ended'),
    created_at: z.iso.datetime(),
    started_at: z.iso.datetime().nullable(),
    completed_at: z.iso.datetime().nullable(),
    expires_at: z.iso.datetime(),
    model: z.string().nullable().describe('As requested; null for the default model'),
    max_tokens: z.int().nullable().describe("As requested; null for the model's default"),
    temperature: z.number().nullable().describe("As requested; null for the model's default"),
    system_prompt: z.string().nullable(),
    priority: z.int(),
    total_prompts: z.int(),
    completed_prompts: z.int().describe('Prompts that succeeded'),
    failed_prompts: z.int(),
    cancelled_prompts: z.int().describe('Prompts that were cancelled or expired before they completed'),
    running_prompts: z
      .int()
      .describe('Prompts that workers have claimed. At most JOB_CONCURRENCY of them for each worker are in flight'),
    usage: usageSchema,
    cost_usd: z.number().nullable().describe('Cost of the finished prompts; null when a price is unknown'),
    eta_s: z
      .number()
      .nullable()
      .describe(
        'Estimated seconds until the job ends, from its throughput so far; null before the first result and after the end',
      ),
    sequence: z.int().describe('Number of the latest change. events?after=<sequence> returns the events after it'),
    error: z.string().nullable().describe('Why the job ended without success'),
    results: z
      .array(z.string())
      .optional()
      .describe(
        'Only in responses for a single job of at most 100 prompts: outputs by index up to the first prompt in progress, "" for a prompt without output',
      ),
  })
  .meta({ id: 'Job' });
export type Job = z.infer<typeof jobSchema>;

export const jobListQuerySchema = z.strictObject({
  limit: queryNumber(z.int().min(1).max(JOB_LIMITS.pageMax)).prefault(20),
  after: z.uuid().optional().describe('next_after of the previous page'),
  status: jobStatusSchema.optional(),
  q: storable(z.string().trim().max(200)).optional().describe('Part of a name, or a job id'),
});
export type JobListQuery = z.infer<typeof jobListQuerySchema>;

/** Response of GET `/api/v1/jobs`: newest first, without results. */
export const jobListSchema = z
  .object({ jobs: z.array(jobSchema), next_after: z.string().nullable().describe('null on the last page') })
  .meta({ id: 'JobList' });
export type JobList = z.infer<typeof jobListSchema>;

/** Error codes that only items have, in addition to those of the API. */
export const ITEM_ERROR_CODES = ['BATCH_EXPIRED', 'JOB_HALTED', 'WORKER_LOST'] as const;
export const itemErrorSchema = z
  .object({ code: z.union([errorCodeSchema, z.enum(ITEM_ERROR_CODES)]), message: z.string() })
  .meta({ id: 'ItemError' });
export type ItemError = z.infer<typeof itemErrorSchema>;

export const jobItemSchema = z
  .object({
    index: z.int().min(0),
    custom_id: z.string().nullable(),
    prompt: z.string(),
    status: jobItemStatusSchema,
    attempts: z.int().describe('Number of attempts started'),
    output: z.string().nullable(),
    finish_reason: z.string().nullable(),
    error: itemErrorSchema.nullable().describe('Error of the last attempt'),
    model: z.string().nullable().describe('Model that produced the output'),
    usage: usageSchema.nullable(),
    estimated: z.boolean().describe('True when usage is estimated by length because the provider reported none'),
    cost_usd: z.number().nullable(),
    worker: z.string().nullable().describe('Worker of the last attempt'),
    started_at: z.iso.datetime().nullable().describe('Start of the last attempt'),
    completed_at: z.iso.datetime().nullable(),
    next_attempt_at: z.iso.datetime().nullable(),
    wait_ms: z.number().nullable().describe('Milliseconds from submission to the first attempt'),
    latency_ms: z.number().nullable().describe('Duration of the last attempt in milliseconds'),
  })
  .meta({ id: 'JobItem' });
export type JobItem = z.infer<typeof jobItemSchema>;

export const jobItemsQuerySchema = z.strictObject({
  limit: queryNumber(z.int().min(1).max(JOB_LIMITS.pageMax)).prefault(50),
  after: queryNumber(z.int().min(-1).max(JOB_LIMITS.fileLinesMax))
    .prefault(-1)
    .describe('Index of the last item of the previous page'),
  status: jobItemStatusSchema.optional(),
});
export type JobItemsQuery = z.infer<typeof jobItemsQuerySchema>;

/** Response of GET `/api/v1/jobs/{id}/items`, ordered by index. */
export const jobItemListSchema = z
  .object({ items: z.array(jobItemSchema), next_after: z.int().nullable().describe('null on the last page') })
  .meta({ id: 'JobItemList' });
export type JobItemList = z.infer<typeof jobItemListSchema>;

/** One line of `results.jsonl`: an item that has ended. */
export const jobResultLineSchema = z
  .object({
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
  })
  .meta({ id: 'JobResultLine' });
export type JobResultLine = z.infer<typeof jobResultLineSchema>;

export const jobResultsQuerySchema = z.strictObject({
  outcome: z.enum(['all', 'succeeded', 'failed']).default('all').describe('failed includes cancelled and expired prompts'),
});
export type JobResultsQuery = z.infer<typeof jobResultsQuerySchema>;

/** Item in flight. */
export const runningItemSchema = z.object({
  index: z.int(),
  worker: z.string(),
  attempt: z.int(),
  started_at: z.iso.datetime(),
});
export type RunningItem = z.infer<typeof runningItemSchema>;

/**
 * Events of GET `/api/v1/jobs/{id}/events`, keyed by the SSE `event` field. `item` carries the latest state of an
 * item, once for each change and in commit order. `job` carries the current counts. `end` closes the stream when
 * the job has ended. To resume, send the event id `<job id>:<sequence>` as `Last-Event-ID`, or `?after=<sequence>`.
 */
export const jobEventSchemas = {
  job: z.object({ job: jobSchema, running: z.array(runningItemSchema) }),
  item: jobItemSchema.omit({ prompt: true, output: true }),
  end: z.object({ status: jobStatusSchema }),
} as const;
export type JobEventName = keyof typeof jobEventSchemas;
export type JobEventData<Name extends JobEventName> = z.infer<(typeof jobEventSchemas)[Name]>;
/** One event of the stream. */
export type JobEvent = {
  [Name in JobEventName]: { event: Name; data: JobEventData<Name>; id?: string | undefined };
}[JobEventName];

export const jobEventsQuerySchema = z.strictObject({
  after: queryNumber(z.int().min(0)).optional().describe('Return events after this sequence. Without it, events from now on'),
});

/** Formats of job files, with the media type and the extension of each. */
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

const OTHER_NAMES: readonly (readonly [string, JobFileFormat])[] = [
  ['.ndjson', 'jsonl'],
  ['application/x-ndjson', 'jsonl'],
  ['application/x-jsonlines', 'jsonl'],
  ['application/csv', 'csv'],
];

/** Returns the format of a file by its name or media type, e.g. `prompts.CSV` or `text/csv; charset=utf-8`. */
export function jobFileFormatOf(nameOrMediaType: string): JobFileFormat | undefined {
  const text = nameOrMediaType.trim().toLowerCase();
  const mediaType = text.split(';')[0]?.trim();
  const extension = text.slice(text.lastIndexOf('.'));
  for (const [format, names] of Object.entries(JOB_FILE_FORMATS))
    if (mediaType === names.mediaType || extension === names.extension) return format as JobFileFormat;
  return OTHER_NAMES.find(([name]) => name === mediaType || name === extension)?.[1];
}
