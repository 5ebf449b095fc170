import type { IncomingHttpHeaders } from 'node:http';
import { AppError, cutText, type ErrorCode, isRecord, isText, type ProviderReason } from '@prodigon/contracts';
import { abortReason } from '@prodigon/ports';
import { createReasonRedactor, errorOf, type ReasonRedactor, readReason } from './refusal-reason.ts';

const UNKNOWN_MODEL = 'The model provider does not know this model.';
const NO_API = 'The model provider has no API at this address. Is /v1 missing from its base URL?';

const ERRORS_BY_STATUS: Partial<Record<number, readonly [ErrorCode, string?]>> = {
  400: ['BAD_REQUEST', 'The model provider rejected the request.'],
  401: ['PROVIDER_KEY_REFUSED'],
  402: ['QUOTA_EXHAUSTED'],
  403: ['PROVIDER_KEY_REFUSED'],
  404: ['NOT_FOUND', UNKNOWN_MODEL],
  413: ['PAYLOAD_TOO_LARGE', 'The request is too large for the model provider.'],
  422: ['VALIDATION_ERROR', 'The model provider rejected the request.'],
  429: ['RATE_LIMITED', 'The model provider is at its rate limit. Try again later.'],
};
/** Codes of providers that are more specific than any status. Source: https://platform.openai.com/docs/guides/error-codes */
const ERRORS_BY_CODE: Readonly<Record<string, ErrorCode>> = {
  context_length_exceeded: 'CONTEXT_LENGTH_EXCEEDED',
  context_window_exceeded: 'CONTEXT_LENGTH_EXCEEDED',
  content_filter: 'CONTENT_FILTERED',
  content_policy_violation: 'CONTENT_FILTERED',
  insufficient_quota: 'QUOTA_EXHAUSTED',
  billing_hard_limit_reached: 'QUOTA_EXHAUSTED',
};
/** Codes that stand for a status, in an error without one. */
const STATUSES_BY_CODE: Readonly<Record<string, number>> = {
  model_not_found: 404,
  invalid_api_key: 401,
  authentication_error: 401,
  permission_error: 403,
  rate_limit_exceeded: 429,
  rate_limit_error: 429,
  invalid_request_error: 400,
};
/** The statuses about the request itself. The client gets the reason of the provider. */
const REQUEST_STATUSES: ReadonlySet<number> = new Set([400, 404, 413, 422]);
/** Statuses that no code about the request belongs to. */
const OTHER_STATUSES: ReadonlySet<number> = new Set([401, 402, 403, 429]);
const DEFAULT_RATE_LIMIT_S = 1;
const TEXT_CHARACTERS_MAX = 8_000;

/** A provider's error as the cause of an `AppError`. Its text may quote the prompt, so only `debug` logs contain it. */
export class ProviderResponseError extends Error {
  override readonly name = 'ProviderResponseError';
  readonly status: number | null;
  readonly providerCode: string | null;
  readonly param: string | null;
  /** The beginning of the response's text, redacted. */
  readonly text: string;
  /** The length of the whole text. */
  readonly textCharacters: number;

  constructor(
    status: number | null,
    { text, redact }: Pick<ErrorContext, 'text' | 'redact'>,
    reason: ProviderReason | undefined,
  ) {
    super(`The provider responded with ${status ?? 'an error'}`);
    this.status = status;
    this.providerCode = reason?.code ?? null;
    this.param = reason?.param ?? null;
    this.text = redact(cutText(text, TEXT_CHARACTERS_MAX, ''));
    this.textCharacters = text.length;
  }
}

/** Redacts what looks like a secret or a host, without knowing the configured ones. */
export const redactUnknown: ReasonRedactor = createReasonRedactor({ secrets: [], baseUrls: [] });

/** Converts a status that reports an error. The text of the provider is the `cause`, or the reason of a refused request. */
export function errorFromResponse(
  status: number,
  headers: IncomingHttpHeaders,
  text: string,
  redact: ReasonRedactor = redactUnknown,
): AppError {
  return toAppError(status, parseOrNull(text), { text, redact, retryAfterSeconds: readRetryAfter(headers) });
}

/** Returns the error in a body with a status of success or in an event, or undefined when the body contains none. */
export function errorFromBody(body: unknown, redact: ReasonRedactor = redactUnknown): AppError | undefined {
  if (Array.isArray(body)) return errorFromBody(body[0], redact);
  if (!isRecord(body) || !(isRecord(body.error) || isText(body.error) || body.object === 'error')) return undefined;
  if (hasResult(body) && isEmptyError(body.error)) return undefined;
  const { code, type, status } = errorOf(body);
  const own = [status, code].map(Number).find((number) => Number.isInteger(number) && number >= 400 && number < 600);
  const named = [code, type].map((name) => lookUp(STATUSES_BY_CODE, name)).find((found) => found !== undefined);
  return toAppError(own ?? named ?? null, body, { text: JSON.stringify(body), redact });
}

function hasResult({ choices, data }: Readonly<Record<string, unknown>>): boolean {
  return [choices, data].some((list) => Array.isArray(list) && list.length > 0);
}

/** Returns whether an error contains no information. Some providers send such an error with each response. */
function isEmptyError(error: unknown): boolean {
  return isRecord(error) && Object.values(error).every((value) => !value);
}

interface ErrorContext {
  readonly text: string;
  readonly redact: ReasonRedactor;
  readonly retryAfterSeconds?: number | undefined;
}

function toAppError(status: number | null, body: unknown, { text, redact, retryAfterSeconds }: ErrorContext): AppError {
  const reason = readReason(body, redact);
  const isAboutRequest = status !== null && REQUEST_STATUSES.has(status);
  const cause = new ProviderResponseError(status, { text, redact }, reason);
  // A server without OpenAI's API sends its own page for every path.
  if (status === 404 && !isAboutModel(body)) return new AppError('INFERENCE_ERROR', NO_API, { cause, retryable: false });
  const { code: providerCode, type } = errorOf(body);
  const named = lookUp(ERRORS_BY_CODE, providerCode) ?? lookUp(ERRORS_BY_CODE, type);
  const specific = named === 'QUOTA_EXHAUSTED' || status === null || !OTHER_STATUSES.has(status) ? named : undefined;
  const [code, message] = specific ? [specific] : (status !== null && ERRORS_BY_STATUS[status]) || ['INFERENCE_ERROR' as const];
  return new AppError(code, message, {
    cause,
    providerReason: isAboutRequest || (specific !== undefined && code !== 'QUOTA_EXHAUSTED') ? reason : undefined,
    details: status === 404 ? [{ path: 'model', message: UNKNOWN_MODEL }] : undefined,
    retryAfterSeconds: retryAfterSeconds ?? (code === 'RATE_LIMITED' ? DEFAULT_RATE_LIMIT_S : undefined),
  });
}

function isAboutModel(body: unknown): boolean {
  const { code, type, param, message } = errorOf(body);
  if (code === 'model_not_found' || type === 'model_not_found' || param === 'model') return true;
  return isRecord(body) && body.error !== undefined && /model/i.test(String(message));
}

function lookUp<Value>(table: Readonly<Record<string, Value>>, name: unknown): Value | undefined {
  return typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined;
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text.trimStart());
  } catch {
    return null;
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

/** Public messages of the errors of a proxy. */
const PROXY_MESSAGES: Readonly<Record<string, string>> = {
  PROXY_UNREACHABLE: 'The proxy in front of the model provider cannot be reached.',
  PROXY_AUTHENTICATION_REQUIRED: 'The proxy in front of the model provider requires a valid user and password.',
  PROXY_REFUSED: 'The proxy in front of the model provider refused to connect to it.',
};

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
  const proxyMessage = lookUp(PROXY_MESSAGES, code);
  if (proxyMessage !== undefined) return new AppError('PROVIDER_UNREACHABLE', proxyMessage, { cause: thrown });
  if (code !== undefined && UNREACHABLE.has(code)) return new AppError('PROVIDER_UNREACHABLE', undefined, { cause: thrown });
  return new AppError('INFERENCE_ERROR', "The model provider's response was truncated or malformed.", { cause: thrown });
}

function codeOf(thrown: unknown): string | undefined {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return codeOf(thrown.errors[0]);
  const { code } = thrown as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : undefined;
}
