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
  type JobTimings,
  jobEventSchemas,
  jobItemListSchema,
  jobListSchema,
  jobSchema,
  jobTimingsSchema,
} from '@prodigon/contracts';
import { downloadWithResume } from './download-with-resume.ts';
import { type HttpClient, toQueryString } from './http-client.ts';
import { createIdleTimeout, HEARTBEATS_MISSED_MS } from './idle-timeout.ts';
import { streamChunks } from './raw-events.ts';
import { createIdempotencyKey, submitWithRetry } from './retry-submission.ts';
import { readSseEvents } from './sse-reader.ts';

export interface SubmitOptions {
  /** Repeated submissions with the same key create one job. Random by default. */
  idempotencyKey?: string | undefined;
  signal?: AbortSignal | undefined;
}

export interface JobFileSubmission extends SubmitOptions {
  format: JobFileFormat;
  /** Only a `Blob` is retried when the connection fails. Browsers support nothing else. */
  bytes: Blob | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>;
  options: JobOptionsInput;
  /**
   * Called when the whole file has been sent, so that a job may exist even if no response arrives. A submission that is
   * aborted before creates no job. Streams a `Blob` too, which not every browser supports.
   */
  onSent?: (() => void) | undefined;
}

export interface JobEventsOptions {
  /** Sequence number after which events begin. Without it only new events arrive. */
  after?: number | undefined;
  /** The `id` of the last event that was read. Takes precedence over `after`. */
  lastEventId?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Milliseconds without a byte after which the connection counts as lost. */
  idleTimeoutMs?: number | undefined;
  /** Called when the response headers have arrived. */
  onOpen?: (() => void) | undefined;
}

type Query<Values> = { readonly [Name in keyof Values]?: Values[Name] | undefined };

/** The jobs of the API key's owner. Unknown jobs and jobs of other owners throw `JOB_NOT_FOUND`. */
export interface JobsApi {
  /** Creates a job. Retries once when the connection fails, which still creates one job. */
  submit(request: CreateJobRequestInput, options?: SubmitOptions): Promise<Job>;
  submitFile(submission: JobFileSubmission): Promise<Job>;
  list(query?: Query<JobListQuery>, signal?: AbortSignal): Promise<JobList>;
  get(jobId: string, signal?: AbortSignal): Promise<Job>;
  items(jobId: string, query?: Query<JobItemsQuery>, signal?: AbortSignal): Promise<JobItemList>;
  timings(jobId: string, signal?: AbortSignal): Promise<JobTimings>;
  /**
   * Yields JSON lines in arbitrary chunks. Each line is a `JobResultLine`. Continues after an interruption if the job has
   * ended.
   */
  results(jobId: string, outcome?: JobResultsQuery['outcome'], signal?: AbortSignal): AsyncGenerator<Uint8Array>;
  cancel(jobId: string, signal?: AbortSignal): Promise<Job>;
  retry(jobId: string, signal?: AbortSignal): Promise<Job>;
  remove(jobId: string, signal?: AbortSignal): Promise<void>;
  /** Yields the events of one connection, which may break. `watchJob` reconnects. */
  events(jobId: string, options?: JobEventsOptions): AsyncGenerator<JobEvent>;
}

const JOBS = '/api/v1/jobs';

export function createJobsApi(http: HttpClient): JobsApi {
  const pathOf = (jobId: string, rest = '') => `${JOBS}/${encodeURIComponent(jobId)}${rest}`;
  const post = (path: string, signal: AbortSignal | undefined) => http.json(path, jobSchema, { method: 'POST', signal });

  return {
    submit: (request, { idempotencyKey = createIdempotencyKey(), signal } = {}) =>
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
    async submitFile({ format, bytes, options, idempotencyKey = createIdempotencyKey(), signal, onSent }) {
      // An aborted connection may still read ahead.
      const notify = () => {
        if (!signal?.aborted) onSent?.();
      };
      const send = () => {
        const body = onSent ? notifyAtEnd(bytes instanceof Blob ? streamChunks(bytes.stream()) : bytes, notify) : bytes;
        return http.json(`${JOBS}${toQueryString(options)}`, jobSchema, {
          method: 'POST',
          headers: { 'content-type': JOB_FILE_FORMATS[format].mediaType, 'idempotency-key': idempotencyKey },
          signal,
          // Node accepts an async iterable as a body; the browser's types do not declare it.
          ...(body instanceof Blob ? { body } : { body: body as ReadableStream, duplex: 'half' }),
        });
      };
      return bytes instanceof Blob ? submitWithRetry(send, signal) : send();
    },
    list: (query = {}, signal) => http.json(`${JOBS}${toQueryString(query)}`, jobListSchema, { signal }),
    get: (jobId, signal) => http.json(pathOf(jobId), jobSchema, { signal }),
    items: (jobId, query = {}, signal) =>
      http.json(pathOf(jobId, `/items${toQueryString(query)}`), jobItemListSchema, { signal }),
    timings: (jobId, signal) => http.json(pathOf(jobId, '/timings'), jobTimingsSchema, { signal }),
    results: (jobId, outcome, signal) =>
      downloadWithResume(http, pathOf(jobId, `/results.jsonl${toQueryString({ outcome })}`), { signal }),
    cancel: (jobId, signal) => post(pathOf(jobId, '/cancel'), signal),
    retry: (jobId, signal) => post(pathOf(jobId, '/retry'), signal),
    async remove(jobId, signal) {
      await http.call(pathOf(jobId), { method: 'DELETE', signal });
    },
    async *events(jobId, { after, lastEventId, signal, idleTimeoutMs = HEARTBEATS_MISSED_MS, onOpen } = {}) {
      const headers: Record<string, string> = { accept: 'text/event-stream' };
      if (lastEventId !== undefined) headers['last-event-id'] = lastEventId;
      const path = pathOf(jobId, `/events${toQueryString({ after: lastEventId === undefined ? after : undefined })}`);
      const idleTimeout = createIdleTimeout(idleTimeoutMs, signal);
      const bytes = http.bytes(path, { headers, signal: idleTimeout.signal }, onOpen);
      yield* readSseEvents(jobEventSchemas, idleTimeout.watch(bytes));
    },
  };
}

async function* notifyAtEnd(bytes: AsyncIterable<Uint8Array>, onEnd: () => void): AsyncGenerator<Uint8Array> {
  yield* bytes;
  onEnd();
}
