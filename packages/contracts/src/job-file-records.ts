import { lineBoundary, type RecordBoundary } from './byte-records.ts';
import { type CsvField, createCsvBoundary, parseCsvFields } from './csv-records.ts';
import { type InputProblem, shown } from './job-input.ts';
import type { JobFileFormat } from './jobs.ts';

/** What one record holds, not yet checked: undefined for one that is passed over. */
export type RecordContent = { value: unknown } | { problem: InputProblem } | undefined;

/** How a format is read: where its records end and what they hold. One is made for each file. */
export interface RecordReader {
  readonly boundary: RecordBoundary;
  read(bytes: Uint8Array): RecordContent;
  /** True after a problem that leaves nothing to read. */
  isOver(): boolean;
  /** What is wrong with the record that has begun when the file ends now. */
  problemAtEnd(): InputProblem | undefined;
}

const problem = (message: string, path = ''): { problem: InputProblem } => ({ problem: { path, message } });
const NOT_UTF8 = 'Is not valid UTF-8 text';

export function createRecordReader(format: JobFileFormat): RecordReader {
  // Only the beginning of the file may have a byte order mark, and it has been taken off.
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const decode = (bytes: Uint8Array): string | undefined => {
    try {
      return decoder.decode(bytes);
    } catch {
      return undefined;
    }
  };
  return format === 'csv' ? createCsvReader(decode) : createLineReader(decode, format === 'jsonl' ? parseJson : toPrompt);
}

type Decode = (bytes: Uint8Array) => string | undefined;

function createLineReader(decode: Decode, parse: (text: string) => RecordContent): RecordReader {
  return {
    boundary: lineBoundary,
    read(bytes) {
      const text = decode(bytes);
      if (text === undefined) return problem(NOT_UTF8);
      return /\S/.test(text) ? parse(text) : undefined;
    },
    isOver: () => false,
    problemAtEnd: () => undefined,
  };
}

const toPrompt = (text: string) => ({ value: { prompt: text } });

function parseJson(text: string): RecordContent {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? toPrompt(value) : { value };
  } catch {
    return problem('Is not valid JSON; each line must be a JSON value of its own');
  }
}

interface CsvHeader {
  readonly prompt: number;
  /** -1 without that column. */
  readonly customId: number;
  readonly columnCount: number;
}

function createCsvReader(decode: Decode): RecordReader {
  const boundary = createCsvBoundary();
  let header: CsvHeader | undefined;
  let isOver = false;

  /** Undefined for bytes that are no UTF-8. */
  function textOf({ bytes, isQuoted }: CsvField): string | undefined {
    const text = decode(bytes);
    return isQuoted && bytes.includes(QUOTE) ? text?.replaceAll('""', '"') : text;
  }

  function readRow(fields: readonly CsvField[], { prompt, customId, columnCount }: CsvHeader): RecordContent {
    if (fields.some(({ isMalformed }) => isMalformed))
      return problem('Has text after a closing quote; inside quotes, write "" for "');
    if (fields.length > columnCount)
      return problem(`Has ${fields.length} columns, and the header ${columnCount}; a text with a comma needs quotes`);
    const value: { prompt?: string; custom_id?: string } = {};
    for (const [name, column] of [
      ['prompt', prompt],
      ['custom_id', customId],
    ] as const) {
      const field = fields[column];
      if (!field) continue;
      const text = textOf(field);
      if (text === undefined) return problem(NOT_UTF8, name);
      if (name === 'prompt' || text !== '') value[name] = text;
    }
    return { value };
  }

  return {
    boundary,
    read(bytes) {
      const fields = parseCsvFields(bytes);
      if (fields.every(isBlank)) return undefined;
      if (header) return readRow(fields, header);
      const found = findColumns(fields.map((field) => textOf(field) ?? ''));
      if ('columnCount' in found) {
        header = found;
        return undefined;
      }
      isOver = true;
      return { problem: found };
    },
    isOver: () => isOver,
    problemAtEnd: () => (boundary.isInQuotes() ? { path: '', message: 'Begins a quote that is never closed' } : undefined),
  };
}

const QUOTE = 34;
const isBlank = ({ bytes, isQuoted }: CsvField) => !isQuoted && bytes.every((byte) => byte === 32 || byte === 9);

function findColumns(cells: readonly string[]): CsvHeader | InputProblem {
  const names = cells.map((cell) => cell.trim().toLowerCase());
  const twice = ['prompt', 'custom_id'].find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (twice) return { path: twice, message: 'Is twice in the header' };
  const prompt = names.indexOf('prompt');
  if (prompt === -1)
    return { path: 'prompt', message: `The header has no column prompt, separated by commas; it is ${shown(cells.join(','))}` };
  return { prompt, customId: names.indexOf('custom_id'), columnCount: names.length };
}
