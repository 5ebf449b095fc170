import { AppError, type ErrorDetail, JOB_LIMITS, type JobFileFormat, type JobInput, readJobFile } from '@prodigon/contracts';
import { bytesOf, type Source } from './source.ts';

/** How long lines are checked before the page gets its turn. */
const CHECK_AT_ONCE_MS = 12;

export interface PlacedInput {
  line: number;
  input: JobInput;
}

export interface SourceCheck {
  /** Prompts that can be used. */
  total: number;
  /** The first of them, as many as go in the body of one POST. */
  first: readonly PlacedInput[];
  /** Whether one of them has an id of its own, which only a file can carry. */
  hasCustomIds: boolean;
  /** Bad lines, the first ones of them. */
  errors: readonly ErrorDetail[];
  errorCount: number;
  /** What is wrong with the whole, e.g. that it is too large. */
  problem: string | null;
}

interface CheckOptions {
  signal: AbortSignal;
  onProgress: (lines: number) => void;
}

/** Reads all lines as the server will, without stopping the page. Throws the reason of an aborted signal. */
export async function checkSource(
  source: Source,
  format: JobFileFormat,
  { signal, onProgress }: CheckOptions,
): Promise<SourceCheck> {
  const first: PlacedInput[] = [];
  const errors: ErrorDetail[] = [];
  const check = { total: 0, hasCustomIds: false, errorCount: 0 };
  let turnBegan = performance.now();
  try {
    for await (const lines of readJobFile(format, bytesOf(source))) {
      signal.throwIfAborted();
      for (const line of lines) {
        if ('error' in line) {
          check.errorCount += 1;
          if (errors.length < JOB_LIMITS.lineErrorsMax) errors.push(line.error);
          continue;
        }
        check.total += 1;
        check.hasCustomIds ||= line.input.custom_id !== undefined;
        if (first.length < JOB_LIMITS.promptsMax) first.push(line);
      }
      if (performance.now() - turnBegan < CHECK_AT_ONCE_MS) continue;
      onProgress(check.total + check.errorCount);
      await new Promise((resolve) => setTimeout(resolve));
      turnBegan = performance.now();
    }
  } catch (thrown) {
    signal.throwIfAborted();
    return { ...check, first, errors, problem: thrown instanceof AppError ? thrown.message : 'The file could not be read.' };
  }
  return { ...check, first, errors, problem: null };
}
