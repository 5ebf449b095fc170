import { type ApiKeyRole, AppError, type AppErrorOptions, type Usage } from '@prodigon/contracts';

/** Who makes a call. */
export interface Principal {
  /** The owner. Every row, report and cache entry belongs to one; `local` for calls without a key. */
  readonly id: string;
  /** `member` if undefined. */
  readonly role?: ApiKeyRole | undefined;
  /** Id of the API key; undefined for calls without a key. */
  readonly keyId?: string | undefined;
  /** Set in the gateway for the value of a key before its last rotation, which may not manage keys. */
  readonly isValueReplaced?: true;
}

export type CacheControl = 'no-cache' | 'no-store';

/** The context of every call through a port. It is passed explicitly, never taken from ambient state. */
export interface CallContext {
  readonly requestId: string;
  /** The W3C trace context of the calling span, e.g. `00-<32 hex>-<16 hex>-01`. */
  readonly traceparent: string;
  readonly principal: Principal;
  /** Deadline of the whole call in milliseconds, on this process's `performance.now()` clock. */
  readonly deadline: number;
  /** Maximum provider calls for this request, across models. Callers with their own retry loop set 1. */
  readonly attemptsMax?: number | undefined;
  /**
   * The start of links to the web UI in responses, e.g. `http://127.0.0.1:8000`. Links are relative without it; an empty
   * one means that the client cannot follow links.
   */
  readonly linkBase?: string | undefined;
  /** Receives each call of a model, which resolves when its usage is known, and rejects when the call fails. */
  readonly onUsage?: ((call: Promise<{ readonly usage: Usage }>) => void) | undefined;
  /** `no-cache` requires a new response, which the cache stores. `no-store` keeps the request out of the cache. */
  readonly cacheControl?: CacheControl | undefined;
  /** Aborts when the client disconnects or the deadline passes. The reason is an {@link AppError}. */
  readonly signal: AbortSignal;
}

/** Returns the reason of an aborted `context.signal`. */
export function abortReason(signal: AbortSignal): AppError {
  return signal.reason as AppError;
}

/** Thrown when another service of the platform cannot be reached or its response ends early. The request is valid. */
export class ServiceUnreachableError extends AppError {
  constructor(message: string, options?: AppErrorOptions) {
    super('SERVICE_UNAVAILABLE', message, options);
  }
}
