import type { IncomingHttpHeaders } from 'node:http';
import { AppError, type ErrorCode } from '@prodigon/contracts';
import { abortReason } from '@prodigon/ports';

const UNKNOWN_MODEL = 'The model provider does not know this model.';
const REFUSALS: Partial<Record<number, [ErrorCode, string]>> = {
  400: ['BAD_REQUEST', 'The model provider does not accept this request.'],
  401: ['INFERENCE_ERROR', "The provider refused the platform's key."],
  403: ['INFERENCE_ERROR', "The provider refused the platform's key."],
  404: ['NOT_FOUND', UNKNOWN_MODEL],
  413: ['PAYLOAD_TOO_LARGE', 'The request is too large for the model provider.'],
  422: ['VALIDATION_ERROR', 'The model provider does not accept this request.'],
  429: ['RATE_LIMITED', 'The model provider is at its limit. Try again later.'],
};

/** A status other than 200 as our error. The provider's words are its cause: they are logged and never sent. */
export function refusalOf(status: number, headers: IncomingHttpHeaders, text: string): AppError {
  const [code, message] = REFUSALS[status] ?? ['INFERENCE_ERROR', undefined];
  const cause = new Error(`The provider answered ${status}: ${text.slice(0, 2_000)}`);
  return new AppError(code, message, {
    cause,
    details: status === 404 ? [{ path: 'model', message: UNKNOWN_MODEL }] : undefined,
    retryAfterSeconds: retryAfterSeconds(headers) ?? (status === 429 ? 1 : undefined),
    // A refused key and an empty purse stay what they are, whoever asks again.
    retryable: status === 401 || status === 403 || /insufficient_quota/.test(text) ? false : undefined,
  });
}

/** `Retry-After` in seconds, from either of its forms. */
function retryAfterSeconds(headers: IncomingHttpHeaders): number | undefined {
  const value = headers['retry-after'];
  if (value === undefined) return undefined;
  const seconds = /^\d+(\.\d+)?$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1_000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

/** Never got through: nothing was asked, so asking again later is safe. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
]);

/** Whatever went wrong while a provider was called, as an `AppError` in our words. */
export function providerFailure(thrown: unknown, signal: AbortSignal): AppError {
  if (signal.aborted)
    return signal.reason instanceof AppError
      ? abortReason(signal)
      : new AppError('DEADLINE_EXCEEDED', undefined, { cause: signal.reason });
  if (thrown instanceof AppError) return thrown;
  const code = codeOf(thrown);
  if (code === 'UND_ERR_CONNECT_TIMEOUT')
    return new AppError('DEADLINE_EXCEEDED', 'Connecting to the model provider took too long.', { cause: thrown });
  if (code !== undefined && UNREACHABLE.has(code)) {
    return new AppError('SERVICE_UNAVAILABLE', 'The model provider cannot be reached.', { cause: thrown });
  }
  return new AppError('INFERENCE_ERROR', 'The answer of the model provider was cut off or malformed.', { cause: thrown });
}

function codeOf(thrown: unknown): string | undefined {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return codeOf(thrown.errors[0]);
  const { code } = thrown as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : undefined;
}
