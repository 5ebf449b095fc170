import {
  AppError,
  createJobRequestSchema,
  errorBodySchema,
  JOB_LIMITS,
  type JobOptions,
  jobEventsQuerySchema,
  jobFileFormatOf,
  jobFileQuerySchema,
  jobItemListSchema,
  jobItemsQuerySchema,
  jobListQuerySchema,
  jobListSchema,
  jobResultsQuerySchema,
  jobSchema,
} from '@prodigon/contracts';
import { discardBody, parseInput, readWithoutDestroying } from '@prodigon/platform';
import type { CallContext, JobSource, JobsClient } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ModelCatalogue } from '../models/model-catalogue.ts';
import { eventPosition } from './event-position.ts';
import { relayBytes } from './relay-bytes.ts';

export interface JobsRoutesOptions {
  jobs: JobsClient;
  catalogue: ModelCatalogue;
  createContext: (request: FastifyRequest, reply: FastifyReply, timeoutMs?: number) => CallContext;
  heartbeatMs: number;
}

const FILE_TYPES = ['application/jsonl', 'application/x-ndjson', 'application/x-jsonlines', 'text/csv', 'text/plain'];
/** For bodies of any length: receiving a large file, downloading its results, watching. */
const LONG_CALL_MS = 3_600_000;

const paramsSchema = z.object({ jobId: z.string().describe('The job_id of a job') });
const uuidSchema = z.uuid();
const errors = { '4xx': errorBodySchema, '5xx': errorBodySchema };
const idempotencyHeader = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(JOB_LIMITS.idempotencyKeyCharactersMax)
    .optional()
    .describe('The same key with the same request makes one job, for 24 hours'),
});

const CREATE_DESCRIPTION = [
  `As JSON: up to ${JOB_LIMITS.promptsMax} prompts. Or a file as the body, up to ${JOB_LIMITS.fileLinesMax} prompts, with the other`,
  'options in the query: `application/jsonl` (one `{"prompt", "custom_id"?}` or one string a line), `text/csv` (a header',
  'with the column `prompt`, and `custom_id` if there are ids) or `text/plain` (one prompt a line). Every bad line is told.',
].join(' ');

/** Batch jobs, as their owners see them. */
export function jobsRoutes({ jobs, catalogue, createContext, heartbeatMs }: JobsRoutesOptions): FastifyPluginAsyncZod {
  const config = { access: 'caller' } as const;
  const tags = ['jobs'];

  /** Only an id that could be one is asked for. */
  function jobIdOf({ jobId }: z.infer<typeof paramsSchema>): string {
    const parsed = uuidSchema.safeParse(jobId);
    if (!parsed.success) throw new AppError('JOB_NOT_FOUND');
    return parsed.data;
  }

  /** A model that nobody has is refused now. While nobody can say, the job is taken: it can wait. */
  async function checkModel({ model }: JobOptions, context: CallContext): Promise<void> {
    if (model === undefined) return;
    await catalogue.resolve(model, context).catch((error: unknown) => {
      if (AppError.from(error).code === 'UNKNOWN_MODEL') throw error;
    });
  }

  function readRequest(request: FastifyRequest): { options: JobOptions; source: JobSource } {
    const format = jobFileFormatOf(request.headers['content-type'] ?? '');
    if (format !== undefined && request.body === request.raw) {
      const options = parseInput(jobFileQuerySchema, request.query);
      return { options, source: { type: 'file', format, bytes: readWithoutDestroying(request.raw) } };
    }
    const { prompts, ...options } = request.body as z.infer<typeof createJobRequestSchema>;
    return { options, source: { type: 'prompts', prompts } };
  }

  return async (app) => {
    app.addContentTypeParser(FILE_TYPES, (_request, payload, done) => done(null, payload));

    app.post(
      '/api/v1/jobs',
      {
        config: { ...config, isUpload: true },
        // A file is no JSON: what this schema says of it does not count.
        attachValidation: true,
        schema: {
          tags,
          summary: 'Submit a batch of prompts',
          description: CREATE_DESCRIPTION,
          headers: idempotencyHeader,
          body: createJobRequestSchema,
          response: { 202: jobSchema, ...errors },
        },
      },
      async (request, reply) => {
        const isFile = (request.body as unknown) === request.raw;
        if (request.validationError && !isFile) throw request.validationError;
        const { 'idempotency-key': idempotencyKey } = parseInput(idempotencyHeader, request.headers);
        const { options, source } = readRequest(request);
        // What is left of a file that was refused is in the way of the next request on this connection.
        if (isFile) reply.raw.once('finish', () => discardBody(request.raw));
        const context = createContext(request, reply, LONG_CALL_MS);
        await checkModel(options, context);
        const { job, isReplay } = await jobs.create({ options, source, idempotencyKey }, context);
        Object.assign(request.record, { job_id: job.job_id, prompts: job.total_prompts });
        if (isReplay) reply.header('idempotent-replayed', 'true');
        return reply.code(202).header('location', `/api/v1/jobs/${job.job_id}`).send(job);
      },
    );

    app.get(
      '/api/v1/jobs',
      {
        config,
        schema: {
          tags,
          summary: 'Your jobs, newest first',
          querystring: jobListQuerySchema,
          response: { 200: jobListSchema, ...errors },
        },
      },
      (request, reply) => jobs.list(request.query, createContext(request, reply)),
    );

    app.get(
      '/api/v1/jobs/:jobId',
      { config, schema: { tags, summary: 'One job', params: paramsSchema, response: { 200: jobSchema, ...errors } } },
      (request, reply) => jobs.get(jobIdOf(request.params), createContext(request, reply)),
    );

    app.get(
      '/api/v1/jobs/:jobId/items',
      {
        config,
        schema: {
          tags,
          summary: 'The prompts of a job and what became of each',
          params: paramsSchema,
          querystring: jobItemsQuerySchema,
          response: { 200: jobItemListSchema, ...errors },
        },
      },
      (request, reply) => jobs.items(jobIdOf(request.params), request.query, createContext(request, reply)),
    );

    app.get(
      '/api/v1/jobs/:jobId/results.jsonl',
      {
        config,
        schema: {
          tags,
          summary: 'What is settled, one JSON object a line',
          params: paramsSchema,
          querystring: jobResultsQuerySchema,
          response: errors,
        },
      },
      async (request, reply) => {
        const jobId = jobIdOf(request.params);
        const { outcome } = request.query;
        const lines = await jobs.results(jobId, request.query, createContext(request, reply, LONG_CALL_MS));
        const name = `prodigon-${jobId}${outcome === 'all' ? '' : `-${outcome}`}.jsonl`;
        return relayBytes(lines, reply, {
          heartbeatMs: 0,
          headers: {
            'content-type': 'application/jsonl; charset=utf-8',
            'content-disposition': `attachment; filename="${name}"`,
          },
        });
      },
    );

    app.get(
      '/api/v1/jobs/:jobId/events',
      {
        config,
        schema: {
          tags,
          summary: 'The progress of a job as it happens',
          description:
            'Server-sent events: `item` for each change of a prompt, `job` for the numbers, `end` when the job is over. ' +
            '`Last-Event-ID`, or `?after=<sequence>`, goes on without a gap or a repeat; without either it begins now.',
          params: paramsSchema,
          querystring: jobEventsQuerySchema,
          response: errors,
        },
      },
      async (request, reply) => {
        const jobId = jobIdOf(request.params);
        const after = eventPosition(jobId, request.headers['last-event-id'], request.query.after);
        const frames = await jobs.events(jobId, after, createContext(request, reply, LONG_CALL_MS));
        return relayBytes(frames, reply, { heartbeatMs, headers: {} });
      },
    );

    for (const { action, summary } of [
      { action: 'cancel', summary: 'Begin no further prompt; those in flight may end' },
      { action: 'retry', summary: 'Begin everything anew that has no answer' },
    ] as const) {
      app.post(
        `/api/v1/jobs/:jobId/${action}`,
        { config, schema: { tags, summary, params: paramsSchema, response: { 200: jobSchema, ...errors } } },
        (request, reply) => jobs[action](jobIdOf(request.params), createContext(request, reply)),
      );
    }

    app.delete(
      '/api/v1/jobs/:jobId',
      {
        config,
        schema: { tags, summary: 'Remove a job that is over', params: paramsSchema, response: { 204: z.null(), ...errors } },
      },
      async (request, reply) => {
        await jobs.remove(jobIdOf(request.params), createContext(request, reply));
        return reply.code(204).send(null);
      },
    );
  };
}
