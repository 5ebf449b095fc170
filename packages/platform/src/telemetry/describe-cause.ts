import { type AppError, ERROR_CODES } from '@prodigon/contracts';

/**
 * What was behind a failure, for who runs the platform. A caller's own mistake needs no cause, and only
 * our own mistakes need the place in the code.
 */
export function describeCause({ code, cause }: AppError): { err?: unknown; cause?: string } {
  if (cause === undefined || ERROR_CODES[code].status < 500) return {};
  if (code === 'INTERNAL_ERROR') return { err: cause };
  return { cause: cause instanceof Error ? `${cause.name}: ${cause.message}` : JSON.stringify(cause) };
}
