import { AppError, type ErrorDetail } from './error-codes.ts';
import { readJobFile } from './job-file.ts';
import { JOB_LIMITS, type JobFileFormat, type JobInput } from './jobs.ts';

export interface JobFileCheck {
  /** Prompts that can be used. */
  readonly total: number;
  readonly first: JobInput | undefined;
  /** The first `JOB_LIMITS.lineErrorsMax` of them, one a line. */
  readonly errors: readonly ErrorDetail[];
  /** Lines that cannot be used. */
  readonly errorCount: number;
}

export interface CheckJobFileOptions {
  /** Called with the bytes read so far. */
  onProgress?: ((bytes: number) => void) | undefined;
}

/** Reads a whole file and keeps only what its sender has to know. Throws what `readJobFile` throws. */
export async function checkJobFile(
  format: JobFileFormat,
  bytes: AsyncIterable<Uint8Array>,
  { onProgress }: CheckJobFileOptions = {},
): Promise<JobFileCheck> {
  let total = 0;
  let first: JobInput | undefined;
  const errors: ErrorDetail[] = [];
  let errorCount = 0;
  for await (const lines of readJobFile(format, counted(bytes, onProgress)))
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

async function* counted(bytes: AsyncIterable<Uint8Array>, onProgress: ((bytes: number) => void) | undefined) {
  let size = 0;
  for await (const chunk of bytes) {
    yield chunk;
    size += chunk.length;
    onProgress?.(size);
  }
}

/**
 * Why a file makes no job, e.g. `3 of 120 lines cannot be used. Line 4, prompt: Must not be blank.`, with the
 * first errors as details. `total` counts the prompts that could be used. Without errors: there is no prompt.
 */
export function jobFileError(errors: readonly ErrorDetail[], errorCount: number, total?: number): AppError {
  const [first] = errors;
  if (!first) return new AppError('VALIDATION_ERROR', 'The file holds no prompt.');
  const details = errors.slice(0, JOB_LIMITS.lineErrorsMax);
  const place = [`Line ${first.line}`, first.path].filter((part) => part !== '').join(', ');
  return new AppError('VALIDATION_ERROR', `${extentOf(errorCount, total)} ${place}: ${first.message}.`, { details });
}

function extentOf(errorCount: number, total: number | undefined): string {
  const errors = errorCount.toLocaleString('en');
  if (total === undefined) return `${errors} ${errorCount === 1 ? 'line' : 'lines'} cannot be used.`;
  if (total === 0) return errorCount === 1 ? 'The file cannot be used.' : `None of the ${errors} lines can be used.`;
  return `${errors} of ${(errorCount + total).toLocaleString('en')} lines cannot be used.`;
}
