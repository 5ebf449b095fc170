import type { RecordBoundary } from './byte-records.ts';

const LINE_FEED = 10;
const QUOTE = 34;
const COMMA = 44;

/** Where in a field a byte is. After a quote inside quotes, the next byte tells whether it was one of two or the last. */
type Place = 'start' | 'bare' | 'quoted' | 'afterQuote';

function placeAfter(place: Place, byte: number): Place {
  if (place === 'quoted') return byte === QUOTE ? 'afterQuote' : 'quoted';
  if (byte === COMMA) return 'start';
  if (byte === QUOTE && place !== 'bare') return 'quoted';
  return 'bare';
}

/** Records of RFC 4180: a line feed inside quotes does not end one. */
export function createCsvBoundary(): RecordBoundary & { isInQuotes(): boolean } {
  let place: Place = 'start';
  let innerLineFeeds = 0;
  return {
    findEnd(chunk, from) {
      for (let index = from; index < chunk.length; index += 1) {
        const byte = chunk[index] as number;
        if (byte !== LINE_FEED) place = placeAfter(place, byte);
        else if (place === 'quoted') innerLineFeeds += 1;
        else {
          place = 'start';
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
    isInQuotes: () => place === 'quoted',
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
  let place: Place = 'start';
  let start = 0;
  let isMalformed = false;

  function add(end: number) {
    const isQuoted = record[start] === QUOTE && end > start;
    const bytes = isQuoted ? record.subarray(start + 1, end - 1) : record.subarray(start, end);
    fields.push({ bytes, isQuoted, isMalformed });
  }

  for (let index = 0; index < record.length; index += 1) {
    const next = placeAfter(place, record[index] as number);
    if (next === 'start') {
      add(index);
      start = index + 1;
      isMalformed = false;
    } else if (place === 'afterQuote' && next === 'bare') isMalformed = true;
    place = next;
  }
  add(record.length);
  return fields;
}
