import { JOB_LIMITS } from './jobs.ts';

/** A record of a file: its bytes without the line end, or undefined where they are too many to be kept. */
export interface ByteRecord {
  /** Where it begins, counted from 1. */
  readonly line: number;
  readonly bytes: Uint8Array | undefined;
}

/** Finds where records end. It keeps what it has to know between two calls. */
export interface RecordBoundary {
  /** The index of the line feed in `chunk`, at or after `from`, that ends the record; -1 if it goes on in the next chunk. */
  findEnd(chunk: Uint8Array, from: number): number;
  /** Line feeds inside the record that has just ended. */
  takeInnerLineFeeds(): number;
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
/** One more than the limit: a carriage return at the end does not count. */
const KEPT_BYTES_MAX = JOB_LIMITS.lineBytesMax + 1;

export const lineBoundary: RecordBoundary = {
  findEnd: (chunk, from) => chunk.indexOf(LINE_FEED, from),
  takeInnerLineFeeds: () => 0,
};

/**
 * Cuts bytes into records as they arrive, however they are cut themselves. Line ends are LF or CRLF, and
 * the last record may go without. Records without a byte are passed over. It holds one unfinished record of
 * at most `JOB_LIMITS.lineBytesMax`; what `push` returns may be views of its chunk.
 */
export function createRecordSplitter({ findEnd, takeInnerLineFeeds }: RecordBoundary) {
  let line = 1;
  let begun = new Uint8Array(0);
  let begunSize = 0;

  /** Copies, since the source may use its memory for the next chunk. */
  function keep(part: Uint8Array) {
    const size = begunSize + part.length;
    if (size <= KEPT_BYTES_MAX) {
      if (size > begun.length) begun = grown(begun, size);
      begun.set(part, begunSize);
    }
    begunSize = size;
  }

  function recordOf(size: number, bytes: () => Uint8Array): ByteRecord | undefined {
    const content = size > KEPT_BYTES_MAX ? undefined : withoutCarriageReturn(bytes());
    const record = { line, bytes: content && content.length <= JOB_LIMITS.lineBytesMax ? content : undefined };
    line += 1 + takeInnerLineFeeds();
    return content?.length === 0 ? undefined : record;
  }

  function takeBegun(): ByteRecord | undefined {
    const record = recordOf(begunSize, () => begun.slice(0, begunSize));
    begunSize = 0;
    return record;
  }

  return {
    push(chunk: Uint8Array): ByteRecord[] {
      const records: ByteRecord[] = [];
      let from = 0;
      for (let end = findEnd(chunk, from); end !== -1; end = findEnd(chunk, from)) {
        const part = chunk.subarray(from, end);
        if (begunSize > 0) keep(part);
        const record = begunSize > 0 ? takeBegun() : recordOf(part.length, () => part);
        if (record) records.push(record);
        from = end + 1;
      }
      keep(chunk.subarray(from));
      return records;
    },
    end(): ByteRecord | undefined {
      return begunSize > 0 ? takeBegun() : undefined;
    },
  };
}

function grown(bytes: Uint8Array, size: number) {
  const larger = new Uint8Array(Math.min(KEPT_BYTES_MAX, Math.max(1024, 2 * size)));
  larger.set(bytes);
  return larger;
}

const withoutCarriageReturn = (bytes: Uint8Array) =>
  bytes[bytes.length - 1] === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes;
