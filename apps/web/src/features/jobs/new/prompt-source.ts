import {
  AppError,
  type ErrorDetail,
  JOB_FILE_FORMATS,
  JOB_LIMITS,
  type JobFileFormat,
  type JobInput,
  jobFileFormatOf,
  readJobFile,
} from '@prodigon/contracts';
import { useEffect, useState } from 'react';

/** The prompts of a new job: pasted text or a file. */
export type Source = { type: 'text'; text: string } | { type: 'file'; file: File };

/** The format of pasted text; `auto` detects it. */
export type PasteFormat = 'auto' | 'txt' | 'jsonl';

/** Detects JSON Lines by the first line that is not blank. */
export function detectFormat(text: string): 'txt' | 'jsonl' {
  // `.` and `$` would also end the line at U+2028, which is text in a job file.
  const first = /\S[^\n]*/.exec(text)?.[0].trim() ?? '';
  if (/^\{\s*"/.test(first)) return 'jsonl';
  try {
    return typeof JSON.parse(first) === 'string' ? 'jsonl' : 'txt';
  } catch {
    return 'txt';
  }
}

/** The format of a source; undefined for an unsupported file type. */
export function sourceFormat(source: Source, pasteFormat: PasteFormat): JobFileFormat | undefined {
  if (source.type === 'text') return pasteFormat === 'auto' ? detectFormat(source.text) : pasteFormat;
  return jobFileFormatOf(source.file.name) ?? jobFileFormatOf(source.file.type);
}

const CHUNK_BYTES = 64 * 1024;

async function* readBytes(source: Source): AsyncGenerator<Uint8Array> {
  if (source.type === 'file') {
    const reader = source.file.stream().getReader();
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
    } finally {
      await reader.cancel().catch(() => {});
    }
    return;
  }
  // Encoded as a whole, because a chunk of characters could split a surrogate pair.
  const bytes = new TextEncoder().encode(source.text);
  for (let from = 0; from < bytes.length; from += CHUNK_BYTES) yield bytes.subarray(from, from + CHUNK_BYTES);
}

function isEmpty(source: Source): boolean {
  return source.type === 'text' && source.text.trim() === '';
}

/** Duration of validation before it yields to the main thread. */
const VALIDATION_SLICE_MS = 12;

export interface NumberedInput {
  line: number;
  input: JobInput;
}

export interface SourceValidation {
  /** The number of valid prompts. */
  total: number;
  /** The length of all valid prompts together. */
  promptCharacters: number;
  /** The first valid prompts, as many as fit into the body of one request. */
  first: readonly NumberedInput[];
  /** Whether a prompt has a custom id, which only a file can carry. */
  hasCustomIds: boolean;
  /** The first invalid lines. */
  errors: readonly ErrorDetail[];
  errorCount: number;
  /** An error of the whole source, for example that it is too large. */
  problem: string | null;
}

interface ValidationOptions {
  signal: AbortSignal;
  onProgress: (lines: number) => void;
}

/** Validates all lines as the server does, without blocking the page. Rejects with the reason of an aborted signal. */
export async function validateSource(
  source: Source,
  format: JobFileFormat,
  { signal, onProgress }: ValidationOptions,
): Promise<SourceValidation> {
  const first: NumberedInput[] = [];
  const errors: ErrorDetail[] = [];
  const result = { total: 0, promptCharacters: 0, hasCustomIds: false, errorCount: 0 };
  let sliceStart = performance.now();
  try {
    for await (const lines of readJobFile(format, readBytes(source))) {
      signal.throwIfAborted();
      for (const line of lines) {
        if ('error' in line) {
          result.errorCount += 1;
          if (errors.length < JOB_LIMITS.lineErrorsMax) errors.push(line.error);
          continue;
        }
        result.total += 1;
        result.promptCharacters += line.input.prompt.length;
        result.hasCustomIds ||= line.input.custom_id !== undefined;
        if (first.length < JOB_LIMITS.promptsMax) first.push(line);
      }
      if (performance.now() - sliceStart < VALIDATION_SLICE_MS) continue;
      onProgress(result.total + result.errorCount);
      await new Promise((resolve) => setTimeout(resolve));
      sliceStart = performance.now();
    }
  } catch (thrown) {
    signal.throwIfAborted();
    return { ...result, first, errors, problem: thrown instanceof AppError ? thrown.message : 'Could not read the file.' };
  }
  return { ...result, first, errors, problem: null };
}

/** Returns a file with the valid prompts of a file as JSON Lines, because a record of CSV may span several lines. */
export async function withoutInvalidLines(file: File, format: JobFileFormat): Promise<File> {
  const parts: Blob[] = [];
  for await (const lines of readJobFile(format, readBytes({ type: 'file', file }))) {
    const valid = lines.flatMap((line) => ('error' in line ? [] : [`${JSON.stringify(line.input)}\n`]));
    // A blob moves the text out of the memory of the page.
    parts.push(new Blob(valid));
  }
  return new File(parts, `${file.name.replace(/\.\w+$/, '')}.jsonl`, { type: JOB_FILE_FORMATS.jsonl.mediaType });
}

/** Delay between the last keystroke and the validation. */
const VALIDATION_DELAY_MS = 200;

export type ValidationState =
  | { state: 'empty' }
  | { state: 'validating'; lines: number }
  | { state: 'unsupported' }
  | { state: 'validated'; result: SourceValidation };

/** Validates the source after each change. */
export function useSourceValidation(source: Source, format: JobFileFormat | undefined): ValidationState {
  const [validated, setValidated] = useState<{ source: Source; format: JobFileFormat; result: SourceValidation }>();
  const [lines, setLines] = useState(0);
  useEffect(() => {
    if (isEmpty(source) || !format) return;
    const controller = new AbortController();
    const { signal } = controller;
    setLines(0);
    const validate = () =>
      validateSource(source, format, { signal, onProgress: setLines })
        .then((result) => !signal.aborted && setValidated({ source, format, result }))
        .catch(() => {});
    const timer = setTimeout(validate, source.type === 'text' ? VALIDATION_DELAY_MS : 0);
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [source, format]);

  if (isEmpty(source)) return { state: 'empty' };
  if (!format) return { state: 'unsupported' };
  if (validated?.source === source && validated.format === format) return { state: 'validated', result: validated.result };
  return { state: 'validating', lines };
}
