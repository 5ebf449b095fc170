import {
  AppError,
  type Job,
  jobItemsQuerySchema,
  jobListQuerySchema,
  jobOptionsSchema,
  jobResultsQuerySchema,
  queryNumber,
} from '@prodigon/contracts';
import {
  COMPLETED_TRAILERS,
  INTERNAL_HEADERS,
  INTERNAL_LINGER_MS,
  parseInput,
  pipeToSse,
  readFramedBody,
  SUBMISSION_TYPE,
  splitFirstLine,
  submissionSchema,
} from '@prodigon/platform';
import { type CallContext, ITEM_INDEX_MAX, type JobSource, type JobsClient } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

export interface JobsRoutesOptions {
  client: JobsClient;
  createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext;
  /** Whether this worker reaches the database. It lets another worker process the request otherwise. */
  isAvailable?: (() => Promise<boolean>) | undefined;
}

const paramsSchema = z.object({ jobId: z.uuid() });
const positionSchema = z.strictObject({
  sequence: queryNumber(z.int().min(0)).optional(),
  index: queryNumber(z.int().min(0).max(ITEM_INDEX_MAX)).optional(),
});

const resultsInfoSchema = jobResultsQuerySchema.extend({ measured: z.enum(['true', 'false']).default('false') });
const resultsSchema = jobResultsQuerySchema.extend({
  version: queryNumber(z.int().min(0)).optional(),
  first: queryNumber(z.int().min(0)).optional(),
});

/** Serves the jobs client over HTTP to other services. */
export function jobsRoutes({ client, createContext, isAvailable = async () => true }: JobsRoutesOptions): FastifyPluginAsyncZod {
  const config = { access: 'internal' } as const;
  const stream = (reply: FastifyReply, bytes: AsyncIterable<Uint8Array>) =>
    pipeToSse(reply, bytes, { heartbeatMs: 0, lingerMs: INTERNAL_LINGER_MS, trailers: COMPLETED_TRAILERS });
  const ofJob = { config, schema: { params: paramsSchema } };

  return async (app) => {
    app.addContentTypeParser(SUBMISSION_TYPE, (_request, payload, done) => done(null, payload));
    app.addHook('onRequest', async (_request, reply) => {
      if (await isAvailable()) return;
      reply.header(INTERNAL_HEADERS.rejected, 'database');
      throw new AppError('SERVICE_UNAVAILABLE', 'The database is unreachable.', { retryAfterSeconds: 1 });
    });

    app.post('/internal/v1/jobs', { config }, async (request, reply) => {
      const context = createContext(request, reply);
      const { line, rest } = await splitFirstLine(readFramedBody(request.raw));
      const { options, idempotencyKey, source } = parseInput(submissionSchema, parseLine(line));
      // Prompts are complete only with the end mark of the body, as a file is.
      if (source.type === 'prompts') for await (const _ of rest);
      const submission = {
        options: parseInput(jobOptionsSchema, options),
        idempotencyKey,
        source: source.type === 'file' ? ({ ...source, bytes: rest } satisfies JobSource) : source,
      };
      return client.create(submission, context);
    });

    app.get('/internal/v1/jobs', { config, schema: { querystring: jobListQuerySchema } }, (request, reply) =>
      client.list(request.query, createContext(request, reply)),
    );

    app.get('/internal/v1/jobs/activity', { config }, (request, reply) => client.activity(createContext(request, reply)));

    app.get('/internal/v1/jobs/events', { config, exposeHeadRoute: false }, async (request, reply) =>
      stream(reply, await client.listEvents(createContext(request, reply))),
    );

    app.get('/internal/v1/jobs/:jobId', ofJob, (request, reply) =>
      client.get(request.params.jobId, createContext(request, reply)),
    );

    app.get(
      '/internal/v1/jobs/:jobId/items',
      { config, schema: { params: paramsSchema, querystring: jobItemsQuerySchema } },
      (request, reply) => client.items(request.params.jobId, request.query, createContext(request, reply)),
    );

    app.get('/internal/v1/jobs/:jobId/timings', ofJob, (request, reply) =>
      client.timings(request.params.jobId, createContext(request, reply)),
    );

    app.get(
      '/internal/v1/jobs/:jobId/results/info',
      { config, schema: { params: paramsSchema, querystring: resultsInfoSchema } },
      (request, reply) => {
        const { outcome, measured } = request.query;
        return client.resultsInfo(
          request.params.jobId,
          { outcome, isMeasured: measured === 'true' },
          createContext(request, reply),
        );
      },
    );

    app.get(
      '/internal/v1/jobs/:jobId/results',
      { config, schema: { params: paramsSchema, querystring: resultsSchema } },
      async (request, reply) =>
        stream(reply, await client.results(request.params.jobId, request.query, createContext(request, reply))),
    );

    app.get(
      '/internal/v1/jobs/:jobId/events',
      { config, exposeHeadRoute: false, schema: { params: paramsSchema, querystring: positionSchema } },
      async (request, reply) => {
        const { sequence, index = 0 } = request.query;
        const after = sequence === undefined ? undefined : { sequence, index };
        return stream(reply, await client.events(request.params.jobId, after, createContext(request, reply)));
      },
    );

    for (const action of ['cancel', 'retry'] as const) {
      app.post(`/internal/v1/jobs/:jobId/${action}`, ofJob, (request, reply): Promise<Job> => {
        return client[action](request.params.jobId, createContext(request, reply));
      });
    }

    app.delete('/internal/v1/jobs/:jobId', ofJob, async (request, reply) => {
      await client.remove(request.params.jobId, createContext(request, reply));
      return reply.code(204).send();
    });
  };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new AppError('INVALID_JSON', undefined, { cause });
  }
}
