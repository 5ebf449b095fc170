import { AppError, type ErrorDetail } from './error-codes.ts';
import { createRecordReader, type InputProblem, parseJobInput, type RecordReader } from './job-file-records.ts';
import type { JobFileFormat } from './jobs.ts';
import { JOB_LIMITS, type JobInput } from './jobs.ts';
import { type ByteRecord, createRecordSplitter } from './record-splitter.ts';
import { isUtf16 } from './text-encoding.ts';

/** A prompt of a file, or the first problem of an invalid one. `line` is where it begins, from 1. */
export type JobFileLine = { line: number; input: JobInput } | { line: number; error: ErrorDetail };

/** Large chunks are processed in pieces, to keep batches of lines small. */
const PIECE_BYTES = 64 * 1024;

/** Blank lines cost time, and compress to almost nothing. */
const BLANK_LINES_MAX = 1_000_000;

/**
 * Reads the prompts of a file as its bytes arrive. Yields one batch for each piece of bytes that completes a line.
 * Continues after an invalid line, so that all of them are reported. Memory use is bounded by one piece, one
 * incomplete line and all custom ids. Lines end with LF, CRLF or CR; a byte order mark and blank lines are skipped.
 *
 * Throws `VALIDATION_ERROR` for UTF-16, and `PAYLOAD_TOO_LARGE` for more than `JOB_LIMITS.fileBytesMax` bytes, more than a million
 * blank lines or more than `fileLinesMax` prompts, valid and invalid. Also throws the errors of `bytes`.
 */
export async function* readJobFile(
  format: JobFileFormat,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly JobFileLine[]> {
  const reader = createRecordReader(format);
  const splitter = createRecordSplitter(reader.boundary);
  const toLine = createLineValidator(reader);

  let blank = 0;
  for await (const piece of splitIntoPieces(checkEncoding(limitSize(bytes)))) {
    const records = splitter.push(piece);
    const lines = records.flatMap((record) => toLine(record) ?? []);
    if (lines.length > 0) yield lines;
    blank += records.length - lines.length;
    if (blank + splitter.empty > BLANK_LINES_MAX)
      throw new AppError('PAYLOAD_TOO_LARGE', `The file has more than ${BLANK_LINES_MAX.toLocaleString('en')} blank lines.`);
    if (reader.hasStopped()) return;
  }
  const last = splitter.end();
  const line = last && toLine(last, reader.problemAtEnd());
  if (line) yield [line];
}

export interface JobFileCheck {
  /** Number of valid prompts. */
  readonly total: number;
  readonly first: JobInput | undefined;
  /** The first `JOB_LIMITS.lineErrorsMax` errors, one for each invalid line. */
  readonly errors: readonly ErrorDetail[];
  /** Number of invalid lines. */
  readonly errorCount: number;
}

/** Validates a file without keeping its prompts in memory. Throws the errors of `readJobFile`. */
export async function checkJobFile(format: JobFileFormat, bytes: AsyncIterable<Uint8Array>): Promise<JobFileCheck> {
  let total = 0;
  let first: JobInput | undefined;
  const errors: ErrorDetail[] = [];
  let errorCount = 0;
  for await (const lines of readJobFile(format, bytes))
    for (const line of lines)
      if ('input' in line) {
        total += 1;
        first ??= line.input;
      } else {
        errorCount += 1;
        if (errors.length < JOB_LIMITS.lineErrorsMax) errors.push(line.error);
      }
  return { total, first, errors, errorCount };
}

/**
 * Returns the `VALIDATION_ERROR` for a file, e.g. `3 of 120 lines cannot be used. Line 4, prompt: Must not be blank.`,
 * with the first errors as details. `total` is the number of valid prompts. Without errors the file has no prompts.
 */
export function jobFileError(errors: readonly ErrorDetail[], errorCount: number, total?: number): AppError {
  const [first] = errors;
  if (!first) return new AppError('VALIDATION_ERROR', 'The file holds no prompt.');
  const details = errors.slice(0, JOB_LIMITS.lineErrorsMax);
  const location = [`Line ${first.line}`, first.path].filter((part) => part !== '').join(', ');
  return new AppError('VALIDATION_ERROR', `${summarize(errorCount, total)} ${location}: ${first.message}.`, { details });
}

function summarize(errorCount: number, total: number | undefined): string {
  const errors = errorCount.toLocaleString('en');
  if (total === undefined) return `${errors} ${errorCount === 1 ? 'line' : 'lines'} cannot be used.`;
  if (total === 0) return errorCount === 1 ? 'The file cannot be used.' : `None of the ${errors} lines can be used.`;
  return `${errors} of ${(errorCount + total).toLocaleString('en')} lines cannot be used.`;
}

/** Validates records, including that custom ids are unique and that the file has no more than `fileLinesMax` prompts. */
function createLineValidator(reader: RecordReader) {
  const lineOfId = new Map<string, number>();
  let count = 0;

  function validate({ line, bytes }: ByteRecord): { input: JobInput } | { problem: InputProblem } | undefined {
    if (!bytes) return { problem: { path: '', message: `Is longer than ${JOB_LIMITS.lineBytesMax.toLocaleString('en')} bytes` } };
    const content = reader.read(bytes);
    if (!content || 'problem' in content) return content;
    const parsed = parseJobInput(content.value);
    const id = 'input' in parsed ? parsed.input.custom_id : undefined;
    if (id === undefined) return parsed;
    const earlier = lineOfId.get(id);
    if (earlier !== undefined) return { problem: { path: 'custom_id', message: `Is the same as in line ${earlier}` } };
    lineOfId.set(id, line);
    return parsed;
  }

  return (record: ByteRecord, knownProblem?: InputProblem): JobFileLine | undefined => {
    const { line } = record;
    if (reader.hasStopped()) return undefined;
    const validated = knownProblem ? { problem: knownProblem } : validate(record);
    if (!validated) return undefined;
    count += 1;
    if (count > JOB_LIMITS.fileLinesMax)
      throw new AppError(
        'PAYLOAD_TOO_LARGE',
        `The file holds more than ${JOB_LIMITS.fileLinesMax.toLocaleString('en')} prompts.`,
      );
    return 'input' in validated ? { line, input: validated.input } : { line, error: { ...validated.problem, line } };
  };
}

async function* limitSize(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > JOB_LIMITS.fileBytesMax)
      throw new AppError('PAYLOAD_TOO_LARGE', `The file is larger than ${JOB_LIMITS.fileBytesMax / 1024 / 1024} MiB.`);
    yield chunk;
  }
}

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
/** Enough bytes to recognize the encoding. */
const HEAD_BYTES = 4;

/** Removes the byte order mark of UTF-8. Throws `VALIDATION_ERROR` for UTF-16, in which every line would be invalid. */
async function* checkEncoding(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Uint8Array | undefined = new Uint8Array(0);
  for await (const chunk of bytes) {
    if (!head) {
      yield chunk;
      continue;
    }
    head = head.length === 0 && chunk.length >= HEAD_BYTES ? chunk : concatenate(head, chunk);
    if (head.length < HEAD_BYTES) continue;
    yield withoutMark(head);
    head = undefined;
  }
  if (head) yield withoutMark(head);
}

function withoutMark(head: Uint8Array): Uint8Array {
  if (isUtf16(head)) throw new AppError('VALIDATION_ERROR', 'The file is UTF-16 text. Save it as UTF-8.');
  return BYTE_ORDER_MARK.every((byte, index) => head[index] === byte) ? head.subarray(BYTE_ORDER_MARK.length) : head;
}

function concatenate(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

async function* splitIntoPieces(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes)
    for (let from = 0; from < chunk.length; from += PIECE_BYTES) yield chunk.subarray(from, from + PIECE_BYTES);
}
