import { z } from 'zod';
import type { AppError, ErrorCode } from './error-codes.ts';

/** The body of every error response of `/v1`. Source: https://platform.openai.com/docs/guides/error-codes */
export const openAiErrorSchema = z
  .object({
    error: z.object({ message: z.string(), type: z.string(), param: z.string().nullable(), code: z.string().nullable() }),
  })
  .meta({ id: 'OpenAiError' });
export type OpenAiErrorBody = z.infer<typeof openAiErrorSchema>;

interface OpenAiMapping {
  readonly type: string;
  readonly code: string | null;
  readonly status?: number;
  readonly param?: string;
}

const MAPPINGS: Partial<Record<ErrorCode, OpenAiMapping>> = {
  INVALID_JSON: { type: 'invalid_request_error', code: null },
  BAD_REQUEST: { type: 'invalid_request_error', code: null },
  CONTEXT_LENGTH_EXCEEDED: { type: 'invalid_request_error', code: 'context_length_exceeded', param: 'messages' },
  CONTENT_FILTERED: { type: 'invalid_request_error', code: 'content_filter' },
  UNAUTHENTICATED: { type: 'invalid_request_error', code: 'invalid_api_key' },
  FORBIDDEN: { type: 'invalid_request_error', code: 'forbidden' },
  NOT_FOUND: { type: 'invalid_request_error', code: 'not_found' },
  METHOD_NOT_ALLOWED: { type: 'invalid_request_error', code: 'method_not_allowed' },
  REQUEST_TIMEOUT: { type: 'invalid_request_error', code: 'request_timeout' },
  PAYLOAD_TOO_LARGE: { type: 'invalid_request_error', code: 'request_too_large' },
  UNSUPPORTED_MEDIA_TYPE: { type: 'invalid_request_error', code: 'unsupported_media_type' },
  UNKNOWN_MODEL: { type: 'invalid_request_error', code: 'model_not_found', status: 404, param: 'model' },
  VALIDATION_ERROR: { type: 'invalid_request_error', code: null },
  RATE_LIMITED: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  QUOTA_EXHAUSTED: { type: 'insufficient_quota', code: 'insufficient_quota' },
  BUDGET_EXHAUSTED: { type: 'insufficient_quota', code: 'insufficient_quota' },
  INFERENCE_ERROR: { type: 'server_error', code: 'provider_error' },
  PROVIDER_KEY_REFUSED: { type: 'server_error', code: 'provider_key_refused' },
  SERVICE_UNAVAILABLE: { type: 'server_error', code: 'service_unavailable' },
  CIRCUIT_OPEN: { type: 'server_error', code: 'circuit_open' },
  PROVIDER_UNREACHABLE: { type: 'server_error', code: 'provider_unreachable' },
  DEADLINE_EXCEEDED: { type: 'server_error', code: 'timeout' },
  INSUFFICIENT_STORAGE: { type: 'server_error', code: 'insufficient_storage' },
};

/**
 * Returns an error in OpenAI's format, with the status that OpenAI uses. `conversation` is the field of the request that
 * contains the conversation.
 */
export function toOpenAiError(
  error: AppError,
  conversation: 'messages' | 'input' = 'messages',
): { status: number; body: OpenAiErrorBody } {
  const { type, code, status = error.status, param: field = null } = mappingOf(error);
  const param = field === 'messages' ? conversation : field;
  const [detail] = error.details ?? [];
  const { providerReason: reason } = error;
  if (reason) {
    const own = { code: reason.code ?? code, param: reason.param ?? detail?.path ?? param };
    return { status, body: { error: { message: reason.message, type, ...own } } };
  }
  // A message about the request's schema names the first invalid fields already, and one about the whole request needs no field.
  const includesDetail = !detail?.path || error.message.includes(detail.message);
  const message = includesDetail ? error.message : `${error.message} ${detail.path}: ${detail.message}`;
  return { status, body: { error: { message, type, param: detail?.path || param, code } } };
}

function mappingOf(error: AppError): OpenAiMapping {
  // OpenAI returns 400 for requests that do not match its schema. A provider that rejects a field returns 422 itself.
  if (error.code === 'VALIDATION_ERROR' && error.details) {
    return { type: 'invalid_request_error', code: 'invalid_value', status: 400 };
  }
  // A provider returns 404 for an unknown model, the gateway for an unknown path.
  if (error.code === 'NOT_FOUND' && error.details?.[0]?.path === 'model') {
    return { type: 'invalid_request_error', code: 'model_not_found' };
  }
  return MAPPINGS[error.code] ?? { type: 'server_error', code: null };
}
