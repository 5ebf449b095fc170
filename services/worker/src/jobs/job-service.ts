import { createHash, type Hash, randomUUID, randomUUIDv7 } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AppError,
  type ErrorDetail,
  JOB_LIMITS,
  type JobActivity,
  type JobInput,
  type JobResultLine,
  jobFileError,
  readJobFile,
} from '@prodigon/contracts';
import type { JobSource, JobStore, JobSubmission, JobsClient } from '@prodigon/ports';
import { jobEvents } from './job-events.ts';

export interface JobServiceDependencies {
  jobStore: JobStore;
  /** Makes the engine of this process check the queue and cancellations immediately. */
  wake: () => void;
  activity: () => Promise<JobActivity>;
  pollEveryMs?: number;
}

/** Maximum concurrent event streams of one worker. Each polls the database a few times a second. */
const EVENT_STREAMS_MAX = 200;
/** Maximum concurrent file uploads of one worker. Each is buffered in a temporary file. */
const UPLOADS_MAX = 16;

/** Creates the jobs client over the job store. */
export function createJobService({ jobStore, wake, activity, pollEveryMs = 200 }: JobServiceDependencies): JobsClient {
  const uploads = createConcurrencyLimit(UPLOADS_MAX, 'Too many uploads are in progress.');
  const streams = createConcurrencyLimit(EVENT_STREAMS_MAX, 'Too many job event streams are open.');

  return {
    async create(submission, { principal }) {
      // A list of prompts is already in memory.
      const release = submission.source.type === 'file' ? uploads.acquire() : () => {};
      try {
        const validated = await validateSubmission(submission);
        try {
          const { options, idempotencyKey: key } = submission;
          const { total, firstPrompt, fingerprint } = validated;
          const submitted = await jobStore.create(
            {
              jobId: randomUUIDv7(),
              ownerId: principal.id,
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
        release();
      }
    },
    list: (query, { principal }) => jobStore.list(principal.id, query),
    get: (jobId, { principal }) => jobStore.get(principal.id, jobId),
    items: (jobId, query, { principal }) => jobStore.items(principal.id, jobId, query),
    async results(jobId, query, { principal }) {
      // Throws `JOB_NOT_FOUND` before the response starts.
      await jobStore.snapshot(principal.id, jobId);
      return toJsonLines(jobStore.results(principal.id, jobId, query));
    },
    async events(jobId, after, { principal, signal }) {
      await jobStore.snapshot(principal.id, jobId);
      const release = streams.acquire();
      return releaseAtEnd(jobEvents({ jobStore, ownerId: principal.id, jobId, after, signal, pollEveryMs }), release);
    },
    async cancel(jobId, { principal }) {
      const job = await jobStore.cancel(principal.id, jobId);
      wake();
      return job;
    },
    async retry(jobId, { principal }) {
      const job = await jobStore.retry(principal.id, jobId);
      wake();
      return job;
    },
    remove: (jobId, { principal }) => jobStore.remove(principal.id, jobId),
    activity,
  };
}

/** Returns the beginning of the first prompt as one line. */
function defaultName(prompt: string): string {
  const line = prompt.trim().replace(/\s+/g, ' ');
  return line.length <= 80 ? line : `${line.slice(0, 79).trimEnd()}…`;
}

async function* toJsonLines(batches: AsyncIterable<readonly JobResultLine[]>): AsyncGenerator<Uint8Array> {
  for await (const lines of batches) yield Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
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

async function* releaseAtEnd<Value>(values: AsyncIterable<Value>, release: () => void): AsyncGenerator<Value> {
  try {
    yield* values;
  } finally {
    release();
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
      await file.write(text);
    }
    if (errorCount > 0 || total === 0) throw jobFileError(errors, errorCount, total);
  } catch (thrown) {
    await file.close();
    throw storageError(thrown);
  }
  return {
    total,
    firstPrompt: firstPrompt ?? '',
    fingerprint: hash.digest('hex'),
    inputs: () => readBatches(file),
    close: () => file.close(),
  };
}

async function* readBatches(file: FileHandle): AsyncGenerator<readonly JobInput[]> {
  let batch: JobInput[] = [];
  for await (const line of file.readLines({ start: 0, autoClose: false })) {
    batch.push(JSON.parse(line) as JobInput);
    if (batch.length < PROMPTS_PER_BATCH) continue;
    yield batch;
    batch = [];
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
    throw storageError(thrown);
  }
}

/** Codes of a full disk, an exceeded quota or file size limit, and a read-only file system. */
const STORAGE_CODES: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS']);

function storageError(thrown: unknown): unknown {
  const { code } = thrown as NodeJS.ErrnoException;
  const isFull = code !== undefined && STORAGE_CODES.has(code);
  return isFull
    ? new AppError('INSUFFICIENT_STORAGE', 'There is not enough disk space to receive this file.', { cause: thrown })
    : thrown;
}
