import { createHash, type Hash, randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError, type ErrorDetail, JOB_LIMITS, type JobInput, jobFileError, readJobFile } from '@prodigon/contracts';
import type { JobSource, JobSubmission } from '@prodigon/ports';

/** Validated submission. */
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
