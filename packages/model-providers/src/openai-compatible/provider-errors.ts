import type { IncomingHttpHeaders } from 'node:http';
import { AppError, type ErrorCode } from '@prodigon/contracts';
import { abortReason } from '@prodigon/ports';

const UNKNOWN_MODEL = 'The model provider does not know this model.';
const ERRORS_BY_STATUS: Partial<Record<number, readonly [ErrorCode, string?]>> = {
  400: ['BAD_REQUEST', 'The model provider rejected the request.'],
  401: ['PROVIDER_KEY_REFUSED'],
  403: ['PROVIDER_KEY_REFUSED'],
  404: ['NOT_FOUND', UNKNOWN_MODEL],
  413: ['PAYLOAD_TOO_LARGE', 'The request is too large for the model provider.'],
  422: ['VALIDATION_ERROR', 'The model provider rejected the request.'],
  429: ['RATE_LIMITED', 'The model provider is at its rate limit. Try again later.'],
};
/** Error codes of providers that are more specific than the status, by status. Source: https://platform.openai.com/docs/guides/error-codes */
const ERRORS_BY_CODE: Partial<Record<number, Readonly<Record<string, ErrorCode>>>> = {
  400: {
    context_length_exceeded: 'CONTEXT_LENGTH_EXCEEDED',
    content_filter: 'CONTENT_FILTERED',
    content_policy_violation: 'CONTENT_FILTERED',
  },
  429: { insufficient_quota: 'QUOTA_EXHAUSTED' },
};
const DEFAULT_RATE_LIMIT_S = 1;

/** Converts a status other than 200. The provider's text becomes the cause: it is logged and never sent. */
export function errorFromResponse(status: number, headers: IncomingHttpHeaders, body: string): AppError {
  const [code, message] = errorFor(status, body);
  return new AppError(code, message, {
    cause: new Error(`The provider responded with ${status}: ${body.slice(0, 2_000)}`),
    details: status === 404 ? [{ path: 'model', message: UNKNOWN_MODEL }] : undefined,
    retryAfterSeconds: readRetryAfter(headers) ?? (code === 'RATE_LIMITED' ? DEFAULT_RATE_LIMIT_S : undefined),
  });
}

function errorFor(status: number, body: string): readonly [ErrorCode, string?] {
  const providerCode = readErrorCode(body);
  const codes = ERRORS_BY_CODE[status];
  if (codes && providerCode !== undefined && Object.hasOwn(codes, providerCode)) return [codes[providerCode] as ErrorCode];
  return ERRORS_BY_STATUS[status] ?? ['INFERENCE_ERROR'];
}

/** Reads `error.code` of a body in OpenAI's format. */
function readErrorCode(body: string): string | undefined {
  try {
    const code: unknown = JSON.parse(body)?.error?.code;
    return typeof code === 'string' ? code : undefined;
  } catch {
    return undefined;
  }
}

/** Reads `Retry-After` in seconds, from a number or a date. */
function readRetryAfter({ 'retry-after': value }: IncomingHttpHeaders): number | undefined {
  if (value === undefined) return undefined;
  const seconds = /^\d+(\.\d+)?$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1_000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

/** Codes of errors before the request is sent, so that a retry is safe. */
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

/** Converts anything that was thrown during a provider call to an `AppError` with a public message. */
export function toProviderError(thrown: unknown, signal: AbortSignal): AppError {
  if (signal.aborted)
    return signal.reason instanceof AppError
      ? abortReason(signal)
      : new AppError('DEADLINE_EXCEEDED', undefined, { cause: signal.reason });
  if (thrown instanceof AppError) return thrown;
  const code = codeOf(thrown);
  if (code === 'UND_ERR_CONNECT_TIMEOUT')
    return new AppError('DEADLINE_EXCEEDED', 'Connecting to the model provider took too long.', { cause: thrown });
  if (code !== undefined && UNREACHABLE.has(code)) return new AppError('PROVIDER_UNREACHABLE', undefined, { cause: thrown });
  return new AppError('INFERENCE_ERROR', "The model provider's response was truncated or malformed.", { cause: thrown });
}

function codeOf(thrown: unknown): string | undefined {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return codeOf(thrown.errors[0]);
  const { code } = thrown as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : undefined;
}
