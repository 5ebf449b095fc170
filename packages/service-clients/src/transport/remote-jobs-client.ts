import { jobActivitySchema, jobItemListSchema, jobListSchema, jobSchema, jobTimingsSchema } from '@prodigon/contracts';
import { encodeSubmission, SUBMISSION_TYPE, splitAtFrameBoundary } from '@prodigon/platform';
import type { CallContext, JobsClient } from '@prodigon/ports';
import { z } from 'zod';
import { endWhenCancelled } from './end-when-cancelled.ts';
import { createServiceRequester, type ServiceRequest } from './service-request.ts';
import type { Transport } from './transport.ts';

export interface RemoteJobsClientOptions {
  readonly transport: Transport;
  readonly internalToken: string;
}

const submittedSchema = z.object({ job: jobSchema, isReplay: z.boolean() });
const resultsInfoSchema = z.object({ version: z.int().nullable(), bytes: z.int().nullable() });
const BASE = '/internal/v1/jobs';

/** Creates a client of a worker service in another process. It throws the errors that an in-process service throws. */
export function createRemoteJobsClient({ transport, internalToken }: RemoteJobsClientOptions): JobsClient {
  const service = createServiceRequester({ transport, internalToken, title: 'worker service' });
  const get = (path: string, query: object = {}): ServiceRequest => ({ method: 'GET', path: `${path}${toQuery(query)}` });
  const post = (path: string): ServiceRequest => ({ method: 'POST', path });

  /** Returns the body's chunks as they arrive. The iterable throws when the body is incomplete. */
  async function stream(request: ServiceRequest, context: CallContext): Promise<AsyncIterable<Uint8Array>> {
    return service.body(await service.send(request, context), context);
  }

  return {
    async create({ options, source, idempotencyKey }, context) {
      const header =
        source.type === 'file'
          ? { options, idempotencyKey, source: { type: source.type, format: source.format } }
          : { options, idempotencyKey, source: { type: source.type, prompts: [...source.prompts] } };
      const body = encodeSubmission(header, source.type === 'file' ? source.bytes : undefined);
      const request: ServiceRequest = { ...post(BASE), body, headers: { 'content-type': SUBMISSION_TYPE } };
      return submittedSchema.parse(await service.json(request, context));
    },
    list: async (query, context) => jobListSchema.parse(await service.json(get(BASE, query), context)),
    get: async (jobId, context) => jobSchema.parse(await service.json(get(`${BASE}/${jobId}`), context)),
    items: async (jobId, query, context) =>
      jobItemListSchema.parse(await service.json(get(`${BASE}/${jobId}/items`, query), context)),
    timings: async (jobId, context) => jobTimingsSchema.parse(await service.json(get(`${BASE}/${jobId}/timings`), context)),
    resultsInfo: async (jobId, { outcome, isMeasured }, context) => {
      const query = { outcome, measured: isMeasured };
      return resultsInfoSchema.parse(await service.json(get(`${BASE}/${jobId}/results/info`, query), context));
    },
    results: (jobId, query, context) => stream(get(`${BASE}/${jobId}/results`, query), context),
    async events(jobId, after, context) {
      const bytes = await stream(get(`${BASE}/${jobId}/events`, after), context);
      return endWhenCancelled(splitAtFrameBoundary(bytes), context);
    },
    async listEvents(context) {
      const bytes = await stream(get(`${BASE}/events`), context);
      return endWhenCancelled(splitAtFrameBoundary(bytes), context);
    },
    cancel: async (jobId, context) => jobSchema.parse(await service.json(post(`${BASE}/${jobId}/cancel`), context)),
    retry: async (jobId, context) => jobSchema.parse(await service.json(post(`${BASE}/${jobId}/retry`), context)),
    async remove(jobId, context) {
      await service.send({ method: 'DELETE', path: `${BASE}/${jobId}` }, context);
    },
    activity: async (context) => jobActivitySchema.parse(await service.json(get(`${BASE}/activity`), context)),
  };
}

function toQuery(query: object): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}
