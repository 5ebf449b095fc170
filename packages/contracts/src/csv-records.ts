import type { RecordBoundary } from './byte-records.ts';

const LINE_FEED = 10;
const QUOTE = 34;
const COMMA = 44;

/** Where in a field a byte is. After a quote inside quotes, the next byte tells whether it was one of two or the last. */
const START = 0;
const BARE = 1;
const QUOTED = 2;
const AFTER_QUOTE = 3;
type Place = typeof START | typeof BARE | typeof QUOTED | typeof AFTER_QUOTE;

function placeAfter(place: Place, byte: number): Place {
  if (place === QUOTED) return byte === QUOTE ? AFTER_QUOTE : QUOTED;
  if (byte === COMMA) return START;
  return byte === QUOTE && place !== BARE ? QUOTED : BARE;
}

/** Records of RFC 4180: a line feed inside quotes does not end one. */
export function createCsvBoundary(): RecordBoundary & { isInQuotes(): boolean } {
  let place: Place = START;
  let innerLineFeeds = 0;
  return {
    findEnd(chunk, from) {
      for (let index = from; index < chunk.length; index += 1) {
        const byte = chunk[index] as number;
        if (byte !== LINE_FEED) place = placeAfter(place, byte);
        else if (place === QUOTED) innerLineFeeds += 1;
        else {
          place = START;
          return index;
        }
      }
      return -1;
    },
    takeInnerLineFeeds() {
      const count = innerLineFeeds;
      innerLineFeeds = 0;
      return count;
    },
    isInQuotes: () => place === QUOTED,
  };
}

export interface CsvField {
  /** Without the quotes around it. */
  readonly bytes: Uint8Array;
  readonly isQuoted: boolean;
  /** True when something follows the closing quote, which nobody can read for sure. */
  readonly isMalformed: boolean;
}

/** The fields of one record. A quote in a field that does not begin with one is a character like any other. */
export function parseCsvFields(record: Uint8Array): CsvField[] {
  const fields: CsvField[] = [];
  let place: Place = START;
  let start = 0;
  let isMalformed = false;

  function add(end: number) {
    const isQuoted = record[start] === QUOTE && end > start;
    const bytes = isQuoted ? record.subarray(start + 1, end - 1) : record.subarray(start, end);
    fields.push({ bytes, isQuoted, isMalformed });
  }

  for (let index = 0; index < record.length; index += 1) {
    const next = placeAfter(place, record[index] as number);
    if (next === START) {
      add(index);
      start = index + 1;
      isMalformed = false;
    } else if (place === AFTER_QUOTE && next === BARE) isMalformed = true;
    place = next;
  }
  add(record.length);
  return fields;
}
