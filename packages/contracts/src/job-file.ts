import { type ByteRecord, createRecordSplitter } from './byte-records.ts';
import { AppError, type ErrorDetail } from './error-codes.ts';
import { createRecordReader, type RecordReader } from './job-file-records.ts';
import { type InputProblem, parseJobInput } from './job-input.ts';
import { JOB_LIMITS, type JobFileFormat, type JobInput } from './jobs.ts';

/** A prompt of a file, or what is wrong with one: the first problem of each. `line` is where it begins, from 1. */
export type JobFileLine = { line: number; input: JobInput } | { line: number; error: ErrorDetail };

/** Large chunks are worked off in pieces, so that a batch of lines stays small. */
const PIECE_BYTES = 64 * 1024;

/**
 * Reads the prompts of a file as it arrives, one batch for each piece of bytes that brought any. It goes on
 * after a bad line, so that all of them are told, and holds no more than a piece, the line that has begun
 * and the ids so far. Lines end with LF or CRLF; a byte order mark and blank lines are passed over.
 *
 * Throws `PAYLOAD_TOO_LARGE` for more than `JOB_LIMITS.fileBytesMax` bytes or `fileLinesMax` prompts, good
 * and bad, and what `bytes` throws.
 */
export async function* readJobFile(
  format: JobFileFormat,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly JobFileLine[]> {
  const reader = createRecordReader(format);
  const splitter = createRecordSplitter(reader.boundary);
  const toLine = createLineCheck(reader);

  for await (const piece of piecesOf(withoutByteOrderMark(withinLimit(bytes)))) {
    const lines = splitter.push(piece).flatMap((record) => toLine(record) ?? []);
    if (lines.length > 0) yield lines;
    if (reader.isOver()) return;
  }
  const last = splitter.end();
  const line = last && toLine(last, reader.problemAtEnd());
  if (line) yield [line];
}

function createLineCheck(reader: RecordReader) {
  const lineOfId = new Map<string, number>();
  let count = 0;

  function check({ line, bytes }: ByteRecord): { input: JobInput } | { problem: InputProblem } | undefined {
    if (!bytes) return { problem: { path: '', message: `Is longer than ${JOB_LIMITS.lineBytesMax.toLocaleString('en')} bytes` } };
    const content = reader.read(bytes);
    if (!content || 'problem' in content) return content;
    const checked = parseJobInput(content.value);
    const id = 'input' in checked ? checked.input.custom_id : undefined;
    if (id === undefined) return checked;
    const earlier = lineOfId.get(id);
    if (earlier !== undefined) return { problem: { path: 'custom_id', message: `Is the same as in line ${earlier}` } };
    lineOfId.set(id, line);
    return checked;
  }

  return (record: ByteRecord, knownProblem?: InputProblem): JobFileLine | undefined => {
    const { line } = record;
    if (reader.isOver()) return undefined;
    const checked = knownProblem ? { problem: knownProblem } : check(record);
    if (!checked) return undefined;
    count += 1;
    if (count > JOB_LIMITS.fileLinesMax)
      throw new AppError(
        'PAYLOAD_TOO_LARGE',
        `The file holds more than ${JOB_LIMITS.fileLinesMax.toLocaleString('en')} prompts.`,
      );
    return 'input' in checked ? { line, input: checked.input } : { line, error: { ...checked.problem, line } };
  };
}

async function* withinLimit(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > JOB_LIMITS.fileBytesMax)
      throw new AppError('PAYLOAD_TOO_LARGE', `The file is larger than ${JOB_LIMITS.fileBytesMax / 1024 / 1024} MiB.`);
    yield chunk;
  }
}

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

async function* withoutByteOrderMark(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let matched: number | undefined = 0;
  for await (const chunk of bytes) {
    if (matched === undefined) {
      yield chunk;
      continue;
    }
    let index = 0;
    while (matched < 3 && index < chunk.length && chunk[index] === BYTE_ORDER_MARK[matched]) {
      matched += 1;
      index += 1;
    }
    if (matched < 3 && index === chunk.length) continue;
    // What looked like the mark and is not belongs to the text.
    if (matched < 3) yield Uint8Array.from(BYTE_ORDER_MARK.slice(0, matched));
    yield chunk.subarray(index);
    matched = undefined;
  }
  if (matched) yield Uint8Array.from(BYTE_ORDER_MARK.slice(0, matched));
}

async function* piecesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes)
    for (let from = 0; from < chunk.length; from += PIECE_BYTES) yield chunk.subarray(from, from + PIECE_BYTES);
}
