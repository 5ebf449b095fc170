import { createHash, type Hash, randomUUID, randomUUIDv7 } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AppError,
  createLineBoundary,
  createRecordSplitter,
  cutText,
  type ErrorDetail,
  JOB_LIMITS,
  type JobActivity,
  type JobInput,
  jobFileError,
  readJobFile,
} from '@prodigon/contracts';
import { type ByteShare, changeEvents, createByteBudget, sseFrame } from '@prodigon/platform';
import type { JobChangeFeed, JobSource, JobStore, JobSubmission, JobsClient } from '@prodigon/ports';
import { jobEvents } from './job-events.ts';
import { createJobResults } from './job-results.ts';
import { createJobWatches } from './job-watches.ts';

export interface JobServiceDependencies {
  jobStore: JobStore;
  changeFeed?: JobChangeFeed | undefined;
  /** Makes the engine of this process check the queue and cancellations immediately. */
  wake: () => void;
  activity: () => Promise<JobActivity>;
  pollEveryMs?: number;
  /** Maximum bytes of the uploads in progress. */
  uploadBytesMax?: number;
}

/** Maximum concurrent event streams of one worker. Those of one job share a poller. */
const EVENT_STREAMS_MAX = 200;
/** Maximum concurrent file uploads of one worker. Each is buffered in a temporary file. */
const UPLOADS_MAX = 16;
/** Maximum bytes of these files together: five of the largest. */
const UPLOAD_BYTES_MAX = 1 << 30;

/** Creates the jobs client over the job store. */
export function createJobService(dependencies: JobServiceDependencies): JobsClient {
  const { jobStore, changeFeed, wake, activity, pollEveryMs = 200, uploadBytesMax = UPLOAD_BYTES_MAX } = dependencies;
  const watches = createJobWatches({ jobStore, changeFeed, pollEveryMs });
  const uploads = createConcurrencyLimit(UPLOADS_MAX, 'Too many uploads are in progress.');
  const uploadBytes = createByteBudget(uploadBytesMax, 'Too many large uploads are in progress.');
  const results = createJobResults(jobStore);
  const streams = createConcurrencyLimit(EVENT_STREAMS_MAX, 'Too many job event streams are open.');

  return {
    async create(submission, { principal }) {
      // A list of prompts is already in memory.
      const release = submission.source.type === 'file' ? uploads.acquire() : () => {};
      const share = uploadBytes.open();
      try {
        const validated = await validateSubmission(countBytes(submission, share));
        try {
          const { options, idempotencyKey: key } = submission;
          const { total, firstPrompt, fingerprint } = validated;
          const submitted = await jobStore.create(
            {
              jobId: randomUUIDv7(),
              ownerId: principal.id,
              keyId: principal.keyId,
              options: { ...options, name: options.name ?? defaultName(firstPrompt) },
              total,
              idempotency: key === undefined ? undefined : { key, fingerprint },
            },
            validated.inputs(),
          );
          if (!submitted.isReplay) wake();
          return submitted;
        } finally {
          await validated.close();
        }
      } finally {
        share.close();
        release();
      }
    },
    list: (query, { principal }) => jobStore.list(principal.id, query),
    get: (jobId, { principal }) => jobStore.get(principal.id, jobId),
    items: (jobId, query, { principal }) => jobStore.items(principal.id, jobId, query),
    timings: (jobId, { principal }) => jobStore.timings(principal.id, jobId),
    resultsInfo: (jobId, query, { principal }) => results.info(principal.id, jobId, query),
    results: (jobId, request, { principal }) => results.read(principal.id, jobId, request),
    async events(jobId, after, { principal, signal }) {
      const release = streams.acquire();
      const watch = watches.open(principal.id, jobId);
      const close = () => {
        watch.close();
        release();
      };
      try {
        // Throws `JOB_NOT_FOUND` before the response starts.
        await watch.snapshot();
        return closeAtEnd(jobEvents({ watch, jobId, after, signal }), close);
      } catch (thrown) {
        close();
        throw thrown;
      }
    },
    async listEvents({ principal, signal }) {
      const release = streams.acquire();
      const events = changeEvents({
        changeFeed,
        ownerId: principal.id,
        idOf: ({ jobId }) => jobId,
        frameOf: (job_ids) => sseFrame('jobs', { job_ids }),
        signal,
      });
      return closeAtEnd(events, release);
    },
    async cancel(jobId, { principal }) {
      const job = await jobStore.cancel(principal.id, jobId);
      wake();
      return job;
    },
    async retry(jobId, { principal }) {
      const job = await jobStore.retry(principal.id, jobId, principal.keyId);
      wake();
      return job;
    },
    remove: (jobId, { principal }) => jobStore.remove(principal.id, jobId),
    activity,
  };
}

/** Returns a submission whose file counts towards the budget as it arrives. */
function countBytes(submission: JobSubmission, share: ByteShare): JobSubmission {
  const { source } = submission;
  if (source.type !== 'file') return submission;
  async function* counted(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      const excess = share.add(chunk.length);
      if (excess) throw excess;
      yield chunk;
    }
  }
  return { ...submission, source: { ...source, bytes: counted(source.bytes) } };
}

/** Length of a name that a job gets from its first prompt. */
const NAME_CHARACTERS = 80;

/** Returns the beginning of the first prompt as one line. */
function defaultName(prompt: string): string {
  return cutText(prompt.trim().replace(/\s+/g, ' '), NAME_CHARACTERS);
}

function createConcurrencyLimit(max: number, message: string) {
  let active = 0;
  return {
    acquire(): () => void {
      if (active >= max) throw new AppError('SERVICE_UNAVAILABLE', message, { retryAfterSeconds: 1 });
      active += 1;
      return () => {
        active -= 1;
      };
    },
  };
}

async function* closeAtEnd<Value>(values: AsyncIterable<Value>, close: () => void): AsyncGenerator<Value> {
  try {
    yield* values;
  } finally {
    close();
  }
}

/** A submission whose prompts are valid and counted. */
export interface ValidatedSubmission {
  readonly total: number;
  readonly firstPrompt: string;
  /** Hash of options and prompts, independent of the format. */
  readonly fingerprint: string;
  inputs(): AsyncIterable<readonly JobInput[]> | Iterable<readonly JobInput[]>;
  /** Releases the temporary file. */
  close(): Promise<void>;
}

const PROMPTS_PER_BATCH = 1_000;
const BATCH_BYTES_MAX = 4 << 20;
/** Bytes of the longest prompt with its id as JSON, which escapes a control character with six bytes. */
const STORED_LINE_BYTES_MAX = 6 * JOB_LIMITS.lineBytesMax;

/** Reads and validates a submission. Throws `VALIDATION_ERROR` with each invalid line, `PAYLOAD_TOO_LARGE` or `INSUFFICIENT_STORAGE`. */
export async function validateSubmission({ options, source }: JobSubmission): Promise<ValidatedSubmission> {
  const hash = createHash('sha256').update(JSON.stringify(options));
  return source.type === 'prompts' ? validatePrompts(source.prompts, hash) : validateFile(source, hash);
}

function validatePrompts(prompts: readonly string[], hash: Hash): ValidatedSubmission {
  const inputs = prompts.map((prompt): JobInput => ({ prompt }));
  for (const input of inputs) hash.update(toLine(input));
  return {
    total: inputs.length,
    firstPrompt: prompts[0] ?? '',
    fingerprint: hash.digest('hex'),
    inputs: () => [inputs],
    async close() {},
  };
}

/**
 * Reads the whole file before the database transaction starts, so that no transaction waits for a slow client. Buffers
 * the prompts in an unlinked temporary file, which the operating system deletes even after a crash.
 */
async function validateFile({ format, bytes }: Extract<JobSource, { type: 'file' }>, hash: Hash): Promise<ValidatedSubmission> {
  const file = await openUnlinkedFile();
  const errors: ErrorDetail[] = [];
  let errorCount = 0;
  let total = 0;
  let firstPrompt: string | undefined;
  try {
    for await (const lines of readJobFile(format, bytes)) {
      let text = '';
      for (const line of lines) {
        if ('error' in line) {
          errorCount += 1;
          if (errors.length < JOB_LIMITS.lineErrorsMax) errors.push(line.error);
          continue;
        }
        firstPrompt ??= line.input.prompt;
        total += 1;
        text += toLine(line.input);
      }
      if (errorCount > 0 || text === '') continue;
      hash.update(text);
      // `write` may store only a part of the text when the disk is nearly full, without an error.
      await file.appendFile(text);
    }
    if (errorCount > 0 || total === 0) throw jobFileError(errors, errorCount, total);
  } catch (thrown) {
    await file.close();
    throw AppError.from(thrown);
  }
  return {
    total,
    firstPrompt: firstPrompt ?? '',
    fingerprint: hash.digest('hex'),
    inputs: () => readBatches(file),
    close: () => file.close(),
  };
}

/** Splits at ASCII line ends only. `readline` would also split at U+2028 and U+2029, which JSON does not escape. */
async function* readBatches(file: FileHandle): AsyncGenerator<readonly JobInput[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const splitter = createRecordSplitter(createLineBoundary(), STORED_LINE_BYTES_MAX);
  let batch: JobInput[] = [];
  let batchBytes = 0;
  for await (const chunk of file.createReadStream({ start: 0, autoClose: false }) as AsyncIterable<Uint8Array>)
    for (const { bytes } of splitter.push(chunk)) {
      batch.push(JSON.parse(decoder.decode(bytes)) as JobInput);
      batchBytes += bytes?.length ?? 0;
      if (batch.length < PROMPTS_PER_BATCH && batchBytes < BATCH_BYTES_MAX) continue;
      yield batch;
      batch = [];
      batchBytes = 0;
    }
  if (batch.length > 0) yield batch;
}

function toLine({ prompt, custom_id }: JobInput): string {
  return `${JSON.stringify(custom_id === undefined ? { prompt } : { prompt, custom_id })}\n`;
}

async function openUnlinkedFile(): Promise<FileHandle> {
  const path = join(tmpdir(), `prodigon-${randomUUID()}`);
  try {
    const file = await open(path, 'wx+', 0o600);
    await unlink(path);
    return file;
  } catch (thrown) {
    throw AppError.from(thrown);
  }
}
