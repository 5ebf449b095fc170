import { createHash, type Hash, randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError, type ErrorDetail, JOB_LIMITS, type JobInput, jobFileError, readJobFile } from '@prodigon/contracts';
import type { JobSource, JobSubmission } from '@prodigon/ports';

/** A submission that has been read and found right. */
export interface CheckedSubmission {
  readonly total: number;
  readonly firstPrompt: string;
  /** Equal for submissions that ask for the same, however they are written. */
  readonly fingerprint: string;
  inputs(): AsyncIterable<readonly JobInput[]> | Iterable<readonly JobInput[]>;
  /** Gives back what it holds on to. */
  close(): Promise<void>;
}

const BATCH = 1_000;

/** Throws `VALIDATION_ERROR` with each bad line, `PAYLOAD_TOO_LARGE`, or `INSUFFICIENT_STORAGE`. */
export async function checkSubmission({ options, source }: JobSubmission): Promise<CheckedSubmission> {
  const hash = createHash('sha256').update(JSON.stringify(options));
  return source.type === 'prompts' ? checkPrompts(source.prompts, hash) : checkFile(source, hash);
}

function checkPrompts(prompts: readonly string[], hash: Hash): CheckedSubmission {
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
 * Reads the whole file before anything is asked of the database, so that no transaction waits for whoever
 * sends it. Meanwhile the lines lie in a temporary file without a name, which is gone however this ends.
 */
async function checkFile({ format, bytes }: Extract<JobSource, { type: 'file' }>, hash: Hash): Promise<CheckedSubmission> {
  const file = await openNameless();
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
    inputs: () => batchesOf(file),
    close: () => file.close(),
  };
}

async function* batchesOf(file: FileHandle): AsyncGenerator<readonly JobInput[]> {
  let batch: JobInput[] = [];
  for await (const line of file.readLines({ start: 0, autoClose: false })) {
    batch.push(JSON.parse(line) as JobInput);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function toLine({ prompt, custom_id }: JobInput): string {
  return `${JSON.stringify(custom_id === undefined ? { prompt } : { prompt, custom_id })}\n`;
}

async function openNameless(): Promise<FileHandle> {
  const path = join(tmpdir(), `prodigon-${randomUUID()}`);
  try {
    const file = await open(path, 'wx+', 0o600);
    await unlink(path);
    return file;
  } catch (thrown) {
    throw storageError(thrown);
  }
}

/** No room on the disk, in a quota or within the limit of file sizes, or nothing may be written at all. */
const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS']);

function storageError(thrown: unknown): unknown {
  const { code } = thrown as NodeJS.ErrnoException;
  const isFull = code !== undefined && FULL.has(code);
  return isFull ? new AppError('INSUFFICIENT_STORAGE', 'There is no room to receive this file.', { cause: thrown }) : thrown;
}
