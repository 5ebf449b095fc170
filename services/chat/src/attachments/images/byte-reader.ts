import { AppError } from '@prodigon/contracts';

/** A cleaned image with the dimensions that it declares. */
export interface CleanImage {
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
}

export const brokenImageError = (cause?: unknown): AppError =>
  new AppError('VALIDATION_ERROR', 'The image is damaged or incomplete.', { cause });

/** Returns the bytes of a range. Throws `VALIDATION_ERROR` when the image ends before it. */
export function sliceOf(bytes: Buffer, start: number, end: number): Buffer {
  if (end > bytes.length) throw brokenImageError();
  return bytes.subarray(start, end);
}
