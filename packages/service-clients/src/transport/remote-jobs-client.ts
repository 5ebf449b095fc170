import { jobActivitySchema, jobItemListSchema, jobListSchema, jobSchema } from '@prodigon/contracts';
import { encodeSubmission, SUBMISSION_TYPE } from '@prodigon/platform';
import type { CallContext, JobsClient } from '@prodigon/ports';
import { z } from 'zod';
import { splitAtFrameBoundary } from './frame-boundary.ts';
import { createServiceRequester, type ServiceCall } from './service-request.ts';
import type { Transport, TransportResponse } from './transport.ts';

export interface RemoteJobsClientOptions {
  transport: Transport;
  internalToken: string;
}

const submittedSchema = z.object({ job: jobSchema, isReplay: z.boolean() });
const BASE = '/internal/v1/jobs';

/** The worker service in another process: throws what the one in this process would throw. */
export function createRemoteJobsClient({ transport, internalToken }: RemoteJobsClientOptions): JobsClient {
  const service = createServiceRequester({ transport, internalToken, title: 'worker service' });
  const get = (path: string, query: object = {}): ServiceCall => ({ method: 'GET', path: `${path}${toQuery(query)}` });
  const post = (path: string): ServiceCall => ({ method: 'POST', path });

  /** Bytes as they arrive; a connection that breaks is thrown. */
  async function stream(call: ServiceCall, context: CallContext): Promise<AsyncIterable<Uint8Array>> {
    const response = await service.call(call, context);
    return whole(response, (cause) => service.brokenOff(context, cause));
  }

  return {
    async create({ options, source, idempotencyKey }, context) {
      const line =
        source.type === 'file'
          ? { options, idempotencyKey, source: { type: source.type, format: source.format } }
          : { options, idempotencyKey, source: { type: source.type, prompts: [...source.prompts] } };
      const body = encodeSubmission(line, source.type === 'file' ? source.bytes : undefined);
      const call: ServiceCall = { ...post(BASE), body, headers: { 'content-type': SUBMISSION_TYPE } };
      return submittedSchema.parse(await service.json(call, context));
    },
    list: async (query, context) => jobListSchema.parse(await service.json(get(BASE, query), context)),
    get: async (jobId, context) => jobSchema.parse(await service.json(get(`${BASE}/${jobId}`), context)),
    items: async (jobId, query, context) =>
      jobItemListSchema.parse(await service.json(get(`${BASE}/${jobId}/items`, query), context)),
    results: (jobId, query, context) => stream(get(`${BASE}/${jobId}/results`, query), context),
    events: async (jobId, after, context) => splitAtFrameBoundary(await stream(get(`${BASE}/${jobId}/events`, after), context)),
    cancel: async (jobId, context) => jobSchema.parse(await service.json(post(`${BASE}/${jobId}/cancel`), context)),
    retry: async (jobId, context) => jobSchema.parse(await service.json(post(`${BASE}/${jobId}/retry`), context)),
    async remove(jobId, context) {
      await service.call({ method: 'DELETE', path: `${BASE}/${jobId}` }, context);
    },
    activity: async (context) => jobActivitySchema.parse(await service.json(get(`${BASE}/activity`), context)),
  };
}

async function* whole({ body, closed }: TransportResponse, explain: (cause?: unknown) => Error): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    throw explain(cause);
  }
  if ((await closed).isBroken) throw explain();
}

function toQuery(query: object): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}
