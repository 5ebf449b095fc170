import {
  AppError,
  type Job,
  jobItemsQuerySchema,
  jobListQuerySchema,
  jobOptionsSchema,
  jobResultsQuerySchema,
} from '@prodigon/contracts';
import {
  createSseWriter,
  parseInput,
  recordFailure,
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
}

const paramsSchema = z.object({ jobId: z.uuid() });
const positionSchema = z.object({
  sequence: z.coerce.number().pipe(z.int().min(0)).optional(),
  index: z.coerce.number().pipe(z.int().min(0).max(ITEM_INDEX_MAX)).optional(),
});

/** The same client, for other processes of the platform. */
export function jobsRoutes({ client, createContext }: JobsRoutesOptions): FastifyPluginAsyncZod {
  const config = { access: 'internal' } as const;
  const ofJob = { config, schema: { params: paramsSchema } };

  return async (app) => {
    app.addContentTypeParser(SUBMISSION_TYPE, (_request, payload, done) => done(null, payload));

    app.post('/internal/v1/jobs', { config }, async (request, reply) => {
      const context = createContext(request, reply);
      const { line, rest } = await splitFirstLine(request.raw);
      const { options, idempotencyKey, source } = parseInput(submissionSchema, parseLine(line));
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

    app.get('/internal/v1/jobs/:jobId', ofJob, (request, reply) =>
      client.get(request.params.jobId, createContext(request, reply)),
    );

    app.get(
      '/internal/v1/jobs/:jobId/items',
      { config, schema: { params: paramsSchema, querystring: jobItemsQuerySchema } },
      (request, reply) => client.items(request.params.jobId, request.query, createContext(request, reply)),
    );

    app.get(
      '/internal/v1/jobs/:jobId/results',
      { config, schema: { params: paramsSchema, querystring: jobResultsQuerySchema } },
      async (request, reply) =>
        relay(await client.results(request.params.jobId, request.query, createContext(request, reply)), reply),
    );

    app.get(
      '/internal/v1/jobs/:jobId/events',
      { config, schema: { params: paramsSchema, querystring: positionSchema } },
      async (request, reply) => {
        const { sequence, index = 0 } = request.query;
        const after = sequence === undefined ? undefined : { sequence, index };
        return relay(await client.events(request.params.jobId, after, createContext(request, reply)), reply);
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

/** Passes bytes on at the reader's pace. What fails after the headers cuts the connection, so that no part looks whole. */
async function relay(bytes: AsyncIterable<Uint8Array>, reply: FastifyReply): Promise<FastifyReply> {
  const writer = createSseWriter(reply, { heartbeatMs: 0 });
  writer.open();
  try {
    for await (const part of bytes) await writer.write(part);
    writer.end();
  } catch (thrown) {
    recordFailure(reply.request, AppError.from(thrown));
    reply.raw.destroy(new Error('cut off'));
  }
  return reply;
}
