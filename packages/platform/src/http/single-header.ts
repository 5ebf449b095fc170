import type { IncomingMessage } from 'node:http';
import { validationError } from './error-handling.ts';

/**
 * Returns the value of a header, or undefined without it. Throws `VALIDATION_ERROR` for a repeated one, whose values Node joins
 * to one text.
 */
export function singleHeader(
  { headers, rawHeaders }: Pick<IncomingMessage, 'headers' | 'rawHeaders'>,
  name: string,
): string | undefined {
  const value = headers[name];
  if (value === undefined) return undefined;
  const count = rawHeaders.filter((each, index) => index % 2 === 0 && each.toLowerCase() === name).length;
  if (count > 1 || typeof value !== 'string') throw validationError([{ path: name, message: 'Must not be repeated' }]);
  return value;
}
