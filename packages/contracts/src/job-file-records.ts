import { cutText } from './cut-text.ts';
import type { JobFileFormat } from './jobs.ts';
import { JOB_LIMITS, type JobInput, jobInputSchema } from './jobs.ts';
import {
  type CsvField,
  createCsvBoundary,
  createLineBoundary,
  parseCsvFields,
  QUOTE,
  type RecordBoundary,
} from './record-splitter.ts';

export interface InputProblem {
  readonly path: string;
  readonly message: string;
}

/** Unvalidated content of one record; undefined for a record to skip. */
export type RecordContent = { value: unknown } | { problem: InputProblem } | undefined;

/** Reads the records of one file: where they end and what they contain. */
export interface RecordReader {
  readonly boundary: RecordBoundary;
  read(bytes: Uint8Array): RecordContent;
  /** Returns true after a problem that makes the rest of the file unreadable. */
  hasStopped(): boolean;
  /** Returns the problem of an incomplete record at the end of the file. */
  problemAtEnd(): InputProblem | undefined;
}

const problem = (message: string, path = ''): { problem: InputProblem } => ({ problem: { path, message } });
const NOT_UTF8 = 'Is not valid UTF-8 text';

export function createRecordReader(format: JobFileFormat): RecordReader {
  // The byte order mark at the beginning of the file is already removed. Elsewhere it is part of the text.
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
    boundary: createLineBoundary(),
    read(bytes) {
      const text = decode(bytes);
      if (text === undefined) return problem(NOT_UTF8);
      return /\S/.test(text) ? parse(text) : undefined;
    },
    hasStopped: () => false,
    problemAtEnd: () => undefined,
  };
}

const toPrompt = (text: string) => ({ value: { prompt: text } });

function parseJson(text: string): RecordContent {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? toPrompt(value) : { value };
  } catch {
    return problem('Is not valid JSON; each line must be one JSON value');
  }
}

interface CsvHeader {
  readonly prompt: number;
  /** -1 without such a column. */
  readonly customId: number;
  readonly columnCount: number;
}

function createCsvReader(decode: Decode): RecordReader {
  const boundary = createCsvBoundary();
  let header: CsvHeader | undefined;
  let hasStopped = false;

  /** Returns undefined for bytes that are not UTF-8. */
  function textOf({ bytes, isQuoted }: CsvField): string | undefined {
    const text = decode(bytes);
    return isQuoted && bytes.includes(QUOTE) ? text?.replaceAll('""', '"') : text;
  }

  function readRow(fields: readonly CsvField[], { prompt, customId, columnCount }: CsvHeader): RecordContent {
    if (fields.some(({ isMalformed }) => isMalformed))
      return problem('Has text after a closing quote; escape a quote inside quotes as ""');
    if (fields.length > columnCount)
      return problem(`Has ${fields.length} columns, and the header ${columnCount}; quote text that contains a comma`);
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
      hasStopped = true;
      return { problem: found };
    },
    hasStopped: () => hasStopped,
    problemAtEnd: () => (boundary.isInQuotes() ? { path: '', message: 'Opens a quote that is never closed' } : undefined),
  };
}

const isBlank = ({ bytes, isQuoted }: CsvField) => !isQuoted && bytes.every((byte) => byte === 32 || byte === 9);

function findColumns(cells: readonly string[]): CsvHeader | InputProblem {
  const names = cells.map((cell) => cell.trim().toLowerCase());
  const duplicate = ['prompt', 'custom_id'].find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (duplicate) return { path: duplicate, message: 'Appears twice in the header' };
  const prompt = names.indexOf('prompt');
  if (prompt === -1)
    return {
      path: 'prompt',
      message: `The header has no column prompt, separated by commas: ${quoteForMessage(cells.join(','))}`,
    };
  return { prompt, customId: names.indexOf('custom_id'), columnCount: names.length };
}

/**
 * Validates a value against `jobInputSchema`, with messages for readers of a file. Checks valid input by hand, which is
 * a hundred times faster than the schema; the schema only finds the problem of invalid input.
 */
export function parseJobInput(value: unknown): { input: JobInput } | { problem: InputProblem } {
  if (isJobInput(value)) return { input: value };
  if (hasNullId(value)) return parseJobInput({ ...value, custom_id: undefined });
  const result = jobInputSchema.safeParse(value);
  if (result.success) return { input: result.data };
  if (isOpenAiBatchRequest(value)) return problem(OPENAI_BATCH_REQUEST);
  const [issue] = result.error.issues;
  const path = issue?.path.join('.') ?? '';
  return { problem: { path, message: messageOf(issue, path, value) } };
}

const OPENAI_BATCH_REQUEST =
  'Is a request of OpenAI\'s Batch API; write {"custom_id": "…", "prompt": "…"}, and set the model and other options for the whole job';

/** A job has one model and one set of options, so that requests with their own cannot be read without changing them. */
const isOpenAiBatchRequest = (value: unknown) =>
  typeof value === 'object' && value !== null && ['method', 'url', 'body'].every((key) => key in value);

/** Exporters write null for an absent id. */
const hasNullId = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && 'custom_id' in value && value.custom_id === null;

function isJobInput(value: unknown): value is JobInput {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  for (const key in value) if (key !== 'prompt' && key !== 'custom_id') return false;
  const { prompt, custom_id: customId } = value as Record<string, unknown>;
  return (
    typeof prompt === 'string' &&
    prompt.length <= JOB_LIMITS.promptCharactersMax &&
    /\S/.test(prompt) &&
    isStorable(prompt) &&
    (customId === undefined ||
      (typeof customId === 'string' &&
        customId.length > 0 &&
        customId.length <= JOB_LIMITS.customIdCharactersMax &&
        isStorable(customId)))
  );
}

const isStorable = (text: string) => !text.includes('\0') && text.isWellFormed();

type Issue = { code?: string | undefined; message: string; keys?: unknown; maximum?: unknown };

function messageOf(issue: Issue | undefined, path: string, value: unknown): string {
  switch (issue?.code) {
    case 'invalid_type':
      if (path === '') return 'Must be an object with a prompt, or the prompt as a string';
      return (value as Record<string, unknown>)[path] === undefined ? 'Is missing' : 'Must be text';
    case 'unrecognized_keys':
      return `Unknown key ${quoteForMessage((issue.keys as string[])[0] ?? '')}; the keys are prompt and custom_id`;
    case 'too_big':
      return `Must have at most ${Number(issue.maximum).toLocaleString('en')} characters`;
    case 'too_small':
      return path === 'prompt' ? 'Must not be blank' : 'Must not be empty';
    default:
      return issue?.message ?? 'Is invalid';
  }
}

const NAME_CHARACTERS_MAX = 40;
/** Quotes and truncates text from a file for an error message. */
const quoteForMessage = (name: string) => JSON.stringify(cutText(name, NAME_CHARACTERS_MAX));
