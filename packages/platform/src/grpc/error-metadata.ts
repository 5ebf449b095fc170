import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import { AppError, type ErrorBody } from '@prodigon/contracts';
import { INTERNAL_HEADERS } from '../http/internal-protocol.ts';
import { toErrorCode, toGrpcStatus } from './status-codes.ts';

/** The error body of the HTTP API. Trailing metadata is limited to ASCII except in keys with this suffix. */
const ERROR_KEY = 'x-prodigon-error-bin';

/** Node's HTTP/2 rejects headers above 64 kB together, and base64 adds a third. */
const ERROR_BYTES_MAX = 24 << 10;

/** Returns the status of a failed call. Its metadata contains what the HTTP response has in its headers and its body. */
export function toStatusObject(
  failure: AppError,
  requestId: string,
  trailers: Readonly<Record<string, string>> = {},
): StatusObject {
  const metadata = toMetadata(trailers);
  metadata.set(ERROR_KEY, encodeBody(failure.toBody(requestId)));
  metadata.set('x-should-retry', String(failure.retryable));
  const retryAfterSeconds = failure.publicRetryAfterSeconds;
  if (retryAfterSeconds !== undefined) metadata.set('retry-after', String(retryAfterSeconds));
  if (failure.attempts !== undefined) metadata.set(INTERNAL_HEADERS.attempts, String(failure.attempts));
  if (failure.isCircuitOpen) metadata.set(INTERNAL_HEADERS.circuitOpen, 'true');
  return { code: toGrpcStatus(failure.code), details: failure.publicMessage, metadata };
}

/** Omits the last details of an error that is too large for metadata. */
function encodeBody(body: ErrorBody): Buffer {
  const bytes = Buffer.from(JSON.stringify(body));
  const { details } = body.error;
  if (bytes.length <= ERROR_BYTES_MAX || !details) return bytes;
  return encodeBody({ error: { ...body.error, details: details.slice(0, Math.floor(details.length / 2)) } });
}

/** An error status as the HTTP response with the same meaning. */
export interface GrpcErrorResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
  /** Whether the service sent the error, not gRPC itself. */
  readonly isFromService: boolean;
}

export function readErrorResponse({ code, metadata }: StatusObject): GrpcErrorResponse {
  const [sent] = metadata.get(ERROR_KEY);
  const body = Buffer.isBuffer(sent) ? sent : Buffer.from(JSON.stringify(new AppError(toErrorCode(code)).toBody('')));
  const { error } = JSON.parse(body.toString('utf8')) as ErrorBody;
  return {
    status: new AppError(error.code).status,
    headers: fromMetadata(metadata),
    body,
    isFromService: sent !== undefined,
  };
}

export const isOk = ({ code }: StatusObject): boolean => code === status.OK;

export function toMetadata(headers: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return metadata;
}

/** Returns the text values of metadata, without the binary ones. */
export function fromMetadata(metadata: Metadata): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(metadata.getMap())) if (typeof value === 'string') headers[name] = value;
  return headers;
}
