import {
  AppError,
  createJobRequestSchema,
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
  jobTimingsSchema,
} from '@prodigon/contracts';
import {
  announcesBody,
  decodeBody,
  discardBody,
  idempotencyHeaders,
  type Lifecycle,
  parseInput,
  parseQuery,
  pipeToSse,
  readRequestBody,
  responseScope,
  singleHeader,
} from '@prodigon/platform';
import type { CallContext, JobEventPosition, JobSource, JobsClient } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { CallerLimits } from '../admission/caller-limits.ts';
import { JOB_DEMAND } from '../admission/generation-demand.ts';
import { parseEventId, positionAfter } from '../events/event-id.ts';
import type { ModelCatalog } from '../models/model-catalog.ts';
import { sendJobResults } from './job-results-download.ts';
import { getJobTimings } from './job-timings.operations.ts';
import {
  cancelJob,
  createJob,
  deleteJob,
  downloadJobResults,
  getJob,
  listJobItems,
  listJobs,
  retryJob,
  streamJobEvents,
} from './jobs.operations.ts';

export interface JobsRoutesOptions {
  jobs: JobsClient;
  catalog: ModelCatalog;
  callerLimits: CallerLimits;
  lifecycle: Pick<Lifecycle, 'draining'>;
  createContext: (request: FastifyRequest, reply: FastifyReply, timeoutMs?: number) => CallContext;
  heartbeatMs: number;
}

const FILE_TYPES = ['application/jsonl', 'application/x-ndjson', 'application/x-jsonlines', 'text/csv', 'text/plain'];
/** Timeout of uploads, downloads and event streams, which can be of any length. */
const LONG_CALL_MS = 3_600_000;

const paramsSchema = z.object({ jobId: z.string().meta({ format: 'uuid', description: 'The `job_id` of the job' }) });
const uuidSchema = z.uuid();
const noQuerySchema = z.strictObject({}, { error: 'The options of a JSON job belong in its body, not in the query' });
export function jobsRoutes(dependencies: JobsRoutesOptions): FastifyPluginAsyncZod {
  const { jobs, catalog, callerLimits, lifecycle, createContext, heartbeatMs } = dependencies;
  const config = { access: 'caller' } as const;

  /** Returns the job id. Throws `JOB_NOT_FOUND` for anything that is not a UUID. */
  function jobIdOf({ jobId }: z.infer<typeof paramsSchema>): string {
    const parsed = uuidSchema.safeParse(jobId);
    if (!parsed.success) throw new AppError('JOB_NOT_FOUND');
    return parsed.data;
  }

  /** Throws `UNKNOWN_MODEL` or `FORBIDDEN`. Accepts any model while the model service is unreachable, because the job can wait. */
  async function checkModel({ model }: JobOptions, context: CallContext): Promise<void> {
    if (model === undefined) return;
    await catalog.resolve(model, context).catch((error: unknown) => {
      const { code } = AppError.from(error);
      if (code === 'UNKNOWN_MODEL' || code === 'FORBIDDEN') throw error;
    });
  }

  function readRequest(request: FastifyRequest): { options: JobOptions; source: JobSource } {
    const { raw, headers, query } = request;
    const format = jobFileFormatOf(headers['content-type'] ?? '');
    if (format !== undefined && request.body === raw) {
      const options = parseQuery(jobFileQuerySchema, query);
      const bytes = decodeBody(raw, headers, JOB_LIMITS.fileBytesMax) ?? readRequestBody(raw);
      return { options, source: { type: 'file', format, bytes } };
    }
    parseQuery(noQuerySchema, query);
    const { prompts, ...options } = request.body as z.infer<typeof createJobRequestSchema>;
    return { options, source: { type: 'prompts', prompts } };
  }

  return async (app) => {
    app.addContentTypeParser(FILE_TYPES, ({ headers }, payload, done) =>
      done(null, announcesBody(headers) ? payload : undefined),
    );

    app.post(
      '/api/v1/jobs',
      {
        config: { ...config, isUpload: true, query: 'handler', fileTypes: FILE_TYPES, operation: createJob },
        // The schema describes JSON bodies only, so validation errors of a file are ignored.
        attachValidation: true,
        schema: { headers: idempotencyHeaders, body: createJobRequestSchema, response: { 202: jobSchema } },
      },
      async (request, reply) => {
        const isFile = (request.body as unknown) === request.raw;
        if (request.validationError && !isFile) throw request.validationError;
        const { 'idempotency-key': idempotencyKey } = parseInput(idempotencyHeaders, {
          'idempotency-key': singleHeader(request.raw, 'idempotency-key'),
        });
        const { options, source } = readRequest(request);
        // The unread rest of a rejected file would block the next request on this connection.
        if (isFile) reply.raw.once('finish', () => discardBody(request.raw));
        const context = createContext(request, reply, LONG_CALL_MS);
        await callerLimits.enforce(responseScope(reply), context.principal, JOB_DEMAND);
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
        config: { ...config, operation: listJobs },
        schema: { querystring: jobListQuerySchema, response: { 200: jobListSchema } },
      },
      (request, reply) => jobs.list(request.query, createContext(request, reply)),
    );

    app.get(
      '/api/v1/jobs/:jobId',
      { config: { ...config, operation: getJob }, schema: { params: paramsSchema, response: { 200: jobSchema } } },
      (request, reply) => jobs.get(jobIdOf(request.params), createContext(request, reply)),
    );

    app.get(
      '/api/v1/jobs/:jobId/items',
      {
        config: { ...config, operation: listJobItems },
        schema: { params: paramsSchema, querystring: jobItemsQuerySchema, response: { 200: jobItemListSchema } },
      },
      (request, reply) => jobs.items(jobIdOf(request.params), request.query, createContext(request, reply)),
    );

    app.get(
      '/api/v1/jobs/:jobId/timings',
      {
        config: { ...config, operation: getJobTimings },
        schema: { params: paramsSchema, response: { 200: jobTimingsSchema } },
      },
      (request, reply) => jobs.timings(jobIdOf(request.params), createContext(request, reply)),
    );

    app.get(
      '/api/v1/jobs/:jobId/results.jsonl',
      {
        config: { ...config, operation: downloadJobResults },
        schema: { params: paramsSchema, querystring: jobResultsQuerySchema },
      },
      async (request, reply) => {
        const context = createContext(request, reply, LONG_CALL_MS);
        await sendJobResults(jobs, jobIdOf(request.params), { request, reply, context });
        return reply;
      },
    );

    app.get(
      '/api/v1/jobs/:jobId/events',
      {
        config: { ...config, operation: streamJobEvents },
        exposeHeadRoute: false,
        schema: { params: paramsSchema, querystring: jobEventsQuerySchema },
      },
      async (request, reply) => {
        const jobId = jobIdOf(request.params);
        const after = resumePosition(jobId, request.headers['last-event-id'], request.query.after);
        const context = createContext(request, reply, LONG_CALL_MS);
        const signal = AbortSignal.any([context.signal, lifecycle.draining]);
        const frames = await jobs.events(jobId, after, { ...context, signal });
        return pipeToSse(reply, frames, { heartbeatMs });
      },
    );

    for (const { action, operation } of [
      { action: 'cancel', operation: cancelJob },
      { action: 'retry', operation: retryJob },
    ] as const) {
      app.post(
        `/api/v1/jobs/:jobId/${action}`,
        { config: { ...config, operation }, schema: { params: paramsSchema, response: { 200: jobSchema } } },
        (request, reply) => jobs[action](jobIdOf(request.params), createContext(request, reply)),
      );
    }

    app.delete(
      '/api/v1/jobs/:jobId',
      { config: { ...config, operation: deleteJob }, schema: { params: paramsSchema, response: { 204: z.null() } } },
      async (request, reply) => {
        await jobs.remove(jobIdOf(request.params), createContext(request, reply));
        return reply.code(204).send(null);
      },
    );
  };
}

/**
 * Returns the position after which a job's events resume: after the event `Last-Event-ID`, else after `after`. Throws
 * `VALIDATION_ERROR` for an id that does not belong to an event of this job.
 */
function resumePosition(
  jobId: string,
  lastEventId: string | string[] | undefined,
  after: number | undefined,
): JobEventPosition | undefined {
  if (lastEventId === undefined || lastEventId === '') return after === undefined ? undefined : positionAfter(after);
  const event = parseEventId(String(lastEventId));
  if (event?.jobId !== jobId.toLowerCase()) {
    const details = [{ path: 'last-event-id', message: 'Is not an event of this job.' }];
    throw new AppError('VALIDATION_ERROR', 'The Last-Event-ID is not an event of this job.', { details });
  }
  return event.position;
}
