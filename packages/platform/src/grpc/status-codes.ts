import { status } from '@grpc/grpc-js';
import type { ErrorCode } from '@prodigon/contracts';

/** The gRPC status of each error code (https://grpc.io/docs/guides/status-codes/). */
const STATUS_OF: Record<ErrorCode, status> = {
  INVALID_JSON: status.INVALID_ARGUMENT,
  INVALID_PATH: status.INVALID_ARGUMENT,
  BAD_REQUEST: status.INVALID_ARGUMENT,
  CONTEXT_LENGTH_EXCEEDED: status.INVALID_ARGUMENT,
  CONTENT_FILTERED: status.INVALID_ARGUMENT,
  UNAUTHENTICATED: status.UNAUTHENTICATED,
  FORBIDDEN: status.PERMISSION_DENIED,
  NOT_FOUND: status.NOT_FOUND,
  API_KEY_NOT_FOUND: status.NOT_FOUND,
  JOB_NOT_FOUND: status.NOT_FOUND,
  CONVERSATION_NOT_FOUND: status.NOT_FOUND,
  NOT_RESUMABLE: status.NOT_FOUND,
  RESPONSE_INTERRUPTED: status.UNAVAILABLE,
  LABS_DISABLED: status.PERMISSION_DENIED,
  METHOD_NOT_ALLOWED: status.UNIMPLEMENTED,
  CONFLICT: status.ABORTED,
  PREDICTION_REQUIRED: status.FAILED_PRECONDITION,
  TASK_NOT_STARTED: status.FAILED_PRECONDITION,
  REQUEST_TIMEOUT: status.DEADLINE_EXCEEDED,
  PAYLOAD_TOO_LARGE: status.RESOURCE_EXHAUSTED,
  UNSUPPORTED_MEDIA_TYPE: status.INVALID_ARGUMENT,
  RANGE_NOT_SATISFIABLE: status.OUT_OF_RANGE,
  VALIDATION_ERROR: status.INVALID_ARGUMENT,
  UNKNOWN_MODEL: status.NOT_FOUND,
  RATE_LIMITED: status.RESOURCE_EXHAUSTED,
  QUOTA_EXHAUSTED: status.RESOURCE_EXHAUSTED,
  BUDGET_EXHAUSTED: status.RESOURCE_EXHAUSTED,
  CANCELLED: status.CANCELLED,
  INTERNAL_ERROR: status.INTERNAL,
  INFERENCE_ERROR: status.UNAVAILABLE,
  PROVIDER_KEY_REFUSED: status.FAILED_PRECONDITION,
  SERVICE_UNAVAILABLE: status.UNAVAILABLE,
  CIRCUIT_OPEN: status.UNAVAILABLE,
  PROVIDER_UNREACHABLE: status.UNAVAILABLE,
  DEADLINE_EXCEEDED: status.DEADLINE_EXCEEDED,
  INSUFFICIENT_STORAGE: status.RESOURCE_EXHAUSTED,
};

/** The error code of a status that gRPC itself or a proxy reports, without the error of a service. */
const CODE_OF: Partial<Record<status, ErrorCode>> = {
  [status.CANCELLED]: 'CANCELLED',
  [status.INVALID_ARGUMENT]: 'BAD_REQUEST',
  [status.DEADLINE_EXCEEDED]: 'DEADLINE_EXCEEDED',
  [status.NOT_FOUND]: 'NOT_FOUND',
  [status.ALREADY_EXISTS]: 'CONFLICT',
  [status.PERMISSION_DENIED]: 'FORBIDDEN',
  // gRPC rejects messages above its size limit with this status.
  [status.RESOURCE_EXHAUSTED]: 'PAYLOAD_TOO_LARGE',
  [status.FAILED_PRECONDITION]: 'CONFLICT',
  [status.ABORTED]: 'CONFLICT',
  [status.OUT_OF_RANGE]: 'BAD_REQUEST',
  [status.UNAVAILABLE]: 'SERVICE_UNAVAILABLE',
  [status.UNAUTHENTICATED]: 'UNAUTHENTICATED',
};

export const toGrpcStatus = (code: ErrorCode): status => STATUS_OF[code];

/** Returns `INTERNAL_ERROR` for a status that says nothing about the request, and for unknown numbers. */
export const toErrorCode = (code: number): ErrorCode => CODE_OF[code as status] ?? 'INTERNAL_ERROR';
