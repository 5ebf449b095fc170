import {
  type CreateJobRequestInput,
  JOB_FILE_FORMATS,
  type Job,
  type JobEvent,
  type JobFileFormat,
  type JobItemList,
  type JobItemsQuery,
  type JobList,
  type JobListQuery,
  type JobOptionsInput,
  type JobResultsQuery,
  jobEventSchemas,
  jobItemListSchema,
  jobListSchema,
  jobSchema,
} from '@prodigon/contracts';
import { type HttpClient, toQueryString } from './http-client.ts';
import { createIdleTimeout } from './idle-timeout.ts';
import { newIdempotencyKey, submitWithRetry } from './retry-submission.ts';
import { readSseEvents } from './sse-reader.ts';

export interface SubmitOptions {
  /** Makes one job, however often it is sent; a random one without it. */
  idempotencyKey?: string | undefined;
  signal?: AbortSignal | undefined;
}

export interface JobFileSubmission extends SubmitOptions {
  format: JobFileFormat;
  /** A `Blob` can be sent again when the connection fails. Browsers take nothing else. */
  bytes: Blob | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>;
  options: JobOptionsInput;
}

export interface JobEventsOptions {
  /** A sequence: all events after it. Only those from now on without it. */
  after?: number | undefined;
  /** The `id` of the last event that was read. It goes before `after`. */
  lastEventId?: string | undefined;
  signal?: AbortSignal | undefined;
  /** The connection counts as lost after so long without a byte. */
  idleTimeoutMs?: number | undefined;
  /** The gateway has begun to answer. */
  onOpen?: (() => void) | undefined;
}

type Query<Values> = { readonly [Name in keyof Values]?: Values[Name] | undefined };

/** The jobs of whoever the API key belongs to. What there is not, or is another's, is `JOB_NOT_FOUND`. */
export interface JobsApi {
  /** Sends it a second time when the connection fails, which still makes one job. */
  submit(request: CreateJobRequestInput, options?: SubmitOptions): Promise<Job>;
  submitFile(submission: JobFileSubmission): Promise<Job>;
  list(query?: Query<JobListQuery>, signal?: AbortSignal): Promise<JobList>;
  get(jobId: string, signal?: AbortSignal): Promise<Job>;
  items(jobId: string, query?: Query<JobItemsQuery>, signal?: AbortSignal): Promise<JobItemList>;
  /** JSON lines, cut anywhere: each is a `JobResultLine`. */
  results(jobId: string, outcome?: JobResultsQuery['outcome'], signal?: AbortSignal): AsyncGenerator<Uint8Array>;
  cancel(jobId: string, signal?: AbortSignal): Promise<Job>;
  retry(jobId: string, signal?: AbortSignal): Promise<Job>;
  remove(jobId: string, signal?: AbortSignal): Promise<void>;
  /** One connection, which may break off; `watchJob` goes on. */
  events(jobId: string, options?: JobEventsOptions): AsyncGenerator<JobEvent>;
}

const JOBS = '/api/v1/jobs';
/** Three of the gateway's heartbeats. */
const SILENCE_MS = 45_000;

export function createJobsApi(http: HttpClient): JobsApi {
  const pathOf = (jobId: string, rest = '') => `${JOBS}/${encodeURIComponent(jobId)}${rest}`;
  const post = (path: string, signal: AbortSignal | undefined) => http.json(path, jobSchema, { method: 'POST', signal });

  return {
    submit: (request, { idempotencyKey = newIdempotencyKey(), signal } = {}) =>
      submitWithRetry(
        () =>
          http.json(JOBS, jobSchema, {
            method: 'POST',
            body: JSON.stringify(request),
            headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
            signal,
          }),
        signal,
      ),
    async submitFile({ format, bytes, options, idempotencyKey = newIdempotencyKey(), signal }) {
      const send = () =>
        http.json(`${JOBS}${toQueryString(options)}`, jobSchema, {
          method: 'POST',
          headers: { 'content-type': JOB_FILE_FORMATS[format].mediaType, 'idempotency-key': idempotencyKey },
          signal,
          // Node takes an async iterable as a body, which the types of browsers do not know.
          ...(bytes instanceof Blob ? { body: bytes } : { body: bytes as ReadableStream, duplex: 'half' }),
        });
      return bytes instanceof Blob ? submitWithRetry(send, signal) : send();
    },
    list: (query = {}, signal) => http.json(`${JOBS}${toQueryString(query)}`, jobListSchema, { signal }),
    get: (jobId, signal) => http.json(pathOf(jobId), jobSchema, { signal }),
    items: (jobId, query = {}, signal) =>
      http.json(pathOf(jobId, `/items${toQueryString(query)}`), jobItemListSchema, { signal }),
    results: (jobId, outcome, signal) => http.bytes(pathOf(jobId, `/results.jsonl${toQueryString({ outcome })}`), { signal }),
    cancel: (jobId, signal) => post(pathOf(jobId, '/cancel'), signal),
    retry: (jobId, signal) => post(pathOf(jobId, '/retry'), signal),
    async remove(jobId, signal) {
      await http.call(pathOf(jobId), { method: 'DELETE', signal });
    },
    async *events(jobId, { after, lastEventId, signal, idleTimeoutMs = SILENCE_MS, onOpen } = {}) {
      const headers: Record<string, string> = { accept: 'text/event-stream' };
      if (lastEventId !== undefined) headers['last-event-id'] = lastEventId;
      const path = pathOf(jobId, `/events${toQueryString({ after: lastEventId === undefined ? after : undefined })}`);
      const guard = createIdleTimeout(idleTimeoutMs, signal);
      const bytes = http.bytes(path, { headers, signal: guard.signal }, onOpen);
      yield* readSseEvents(jobEventSchemas, guard.watch(bytes));
    },
  };
}
