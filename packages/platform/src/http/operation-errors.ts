import type { ErrorCode } from '@prodigon/contracts';

/** Errors of requests to any model. A provider can reject a request with the same statuses as Prodigon. */
export const MODEL_ERRORS = [
  'BAD_REQUEST',
  'CONTEXT_LENGTH_EXCEEDED',
  'CONTENT_FILTERED',
  'NOT_FOUND',
  'PAYLOAD_TOO_LARGE',
  'VALIDATION_ERROR',
  'UNKNOWN_MODEL',
  'RATE_LIMITED',
  'QUOTA_EXHAUSTED',
  'INFERENCE_ERROR',
  'PROVIDER_KEY_REFUSED',
  'SERVICE_UNAVAILABLE',
  'CIRCUIT_OPEN',
  'PROVIDER_UNREACHABLE',
  'DEADLINE_EXCEEDED',
] as const satisfies readonly ErrorCode[];

/** Errors of requests to another service of the platform. */
export const SERVICE_ERRORS = ['SERVICE_UNAVAILABLE', 'DEADLINE_EXCEEDED'] as const satisfies readonly ErrorCode[];
