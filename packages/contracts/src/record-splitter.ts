import { JOB_LIMITS } from './jobs.ts';

/** Record of a file, without its line end. */
export interface ByteRecord {
  /** Number of its first line, from 1. */
  readonly line: number;
  /** Undefined for a record that is too long. */
  readonly bytes: Uint8Array | undefined;
}

/** Finds the ends of records. Keeps its state between calls. */
export interface RecordBoundary {
  /**
   * Returns the index of the first byte of the line end, at or after `from`, that ends the record; -1 if the record
   * continues in the next chunk.
   */
  findEnd(chunk: Uint8Array, from: number): number;
  /** Returns the number of line ends inside the record that just ended, and resets it. */
  takeInnerLineEnds(): number;
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

export function createLineBoundary(): RecordBoundary {
  const lineFeeds = createByteFinder(LINE_FEED);
  const carriageReturns = createByteFinder(CARRIAGE_RETURN);
  return {
    findEnd(chunk, from) {
      const end = Math.min(lineFeeds(chunk, from), carriageReturns(chunk, from));
      return end === Infinity ? -1 : end;
    },
    takeInnerLineEnds: () => 0,
  };
}

/** Remembers the next index, because most files have no carriage returns: without it, each line would search the whole chunk for one. */
function createByteFinder(byte: number): (chunk: Uint8Array, from: number) => number {
  let searched: Uint8Array | undefined;
  let searchedFrom = 0;
  let next = Infinity;
  return (chunk, from) => {
    // Within a chunk, `from` only grows. Otherwise, the next chunk reuses the same memory.
    if (chunk !== searched || from <= searchedFrom || next < from) {
      const index = chunk.indexOf(byte, from);
      next = index === -1 ? Infinity : index;
      searched = chunk;
    }
    searchedFrom = from;
    return next;
  };
}

/**
 * Splits chunks of bytes into records. Records end with LF, CRLF or CR, also mixed; the last one may end with the file.
 * Empty records are skipped. Buffers one incomplete record of at most `recordBytesMax` bytes. The records that `push`
 * returns may be views of its chunk.
 */
export function createRecordSplitter(
  { findEnd, takeInnerLineEnds }: RecordBoundary,
  recordBytesMax: number = JOB_LIMITS.lineBytesMax,
) {
  let line = 1;
  let buffered = new Uint8Array(0);
  let bufferedSize = 0;
  /** Whether the last byte was a CR that ended a record, so that an LF belongs to the same line end. */
  let isAfterCarriageReturn = false;
  let empty = 0;

  /** Copies the part, because the source may reuse its memory for the next chunk. */
  function append(part: Uint8Array) {
    const size = bufferedSize + part.length;
    if (size <= recordBytesMax) {
      if (size > buffered.length) buffered = enlarge(buffered, Math.min(recordBytesMax, Math.max(1024, 2 * size)));
      buffered.set(part, bufferedSize);
    }
    bufferedSize = size;
  }

  function recordOf(size: number, bytes: () => Uint8Array): ByteRecord | undefined {
    const record = { line, bytes: size > recordBytesMax ? undefined : bytes() };
    line += 1 + takeInnerLineEnds();
    return size === 0 ? undefined : record;
  }

  function takeBuffered(): ByteRecord | undefined {
    const record = recordOf(bufferedSize, () => buffered.slice(0, bufferedSize));
    bufferedSize = 0;
    return record;
  }

  return {
    push(chunk: Uint8Array): ByteRecord[] {
      if (chunk.length === 0) return [];
      const records: ByteRecord[] = [];
      let from = isAfterCarriageReturn && chunk[0] === LINE_FEED ? 1 : 0;
      isAfterCarriageReturn = false;
      for (let end = findEnd(chunk, from); end !== -1; end = findEnd(chunk, from)) {
        if (end === from && bufferedSize === 0) {
          empty += 1;
          line += 1 + takeInnerLineEnds();
        } else {
          const part = chunk.subarray(from, end);
          if (bufferedSize > 0) append(part);
          const record = bufferedSize > 0 ? takeBuffered() : recordOf(part.length, () => part);
          if (record) records.push(record);
        }
        from = end + 1;
        if (chunk[end] !== CARRIAGE_RETURN) continue;
        if (from === chunk.length) isAfterCarriageReturn = true;
        else if (chunk[from] === LINE_FEED) from += 1;
      }
      append(chunk.subarray(from));
      return records;
    },
    /** The number of empty records so far. */
    get empty() {
      return empty;
    },
    end(): ByteRecord | undefined {
      return bufferedSize > 0 ? takeBuffered() : undefined;
    },
  };
}

function enlarge(bytes: Uint8Array, size: number) {
  const larger = new Uint8Array(size);
  larger.set(bytes);
  return larger;
}

export const QUOTE = 34;
const COMMA = 44;

/** Position within a field. After a quote inside quotes, the next byte decides whether it was escaped or closing. */
const START = 0;
const UNQUOTED = 1;
const QUOTED = 2;
const AFTER_QUOTE = 3;
type FieldPosition = typeof START | typeof UNQUOTED | typeof QUOTED | typeof AFTER_QUOTE;

function nextPosition(position: FieldPosition, byte: number): FieldPosition {
  if (position === QUOTED) return byte === QUOTE ? AFTER_QUOTE : QUOTED;
  if (byte === COMMA) return START;
  return byte === QUOTE && position !== UNQUOTED ? QUOTED : UNQUOTED;
}

/** Record ends of CSV (RFC 4180): a line end inside quotes does not end a record. */
export function createCsvBoundary(): RecordBoundary & { isInQuotes(): boolean } {
  let position: FieldPosition = START;
  let innerLineEnds = 0;
  let isAfterCarriageReturn = false;
  return {
    findEnd(chunk, from) {
      for (let index = from; index < chunk.length; index += 1) {
        const byte = chunk[index] as number;
        if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN) position = nextPosition(position, byte);
        else if (position !== QUOTED) {
          position = START;
          return index;
        } else if (byte === CARRIAGE_RETURN || !isAfterCarriageReturn) innerLineEnds += 1;
        isAfterCarriageReturn = byte === CARRIAGE_RETURN;
      }
      return -1;
    },
    takeInnerLineEnds() {
      const count = innerLineEnds;
      innerLineEnds = 0;
      return count;
    },
    isInQuotes: () => position === QUOTED,
  };
}

export interface CsvField {
  /** Without the quotes around it. */
  readonly bytes: Uint8Array;
  readonly isQuoted: boolean;
  /** True when text follows the closing quote. */
  readonly isMalformed: boolean;
}

/** Splits one record into fields. In a field that does not begin with a quote, quotes are ordinary characters. */
export function parseCsvFields(record: Uint8Array): CsvField[] {
  const fields: CsvField[] = [];
  let position: FieldPosition = START;
  let start = 0;
  let isMalformed = false;

  function add(end: number) {
    const isQuoted = record[start] === QUOTE && end > start;
    const bytes = isQuoted ? record.subarray(start + 1, end - 1) : record.subarray(start, end);
    fields.push({ bytes, isQuoted, isMalformed });
  }

  for (let index = 0; index < record.length; index += 1) {
    const next = nextPosition(position, record[index] as number);
    if (next === START) {
      add(index);
      start = index + 1;
      isMalformed = false;
    } else if (position === AFTER_QUOTE && next === UNQUOTED) isMalformed = true;
    position = next;
  }
  add(record.length);
  return fields;
}
