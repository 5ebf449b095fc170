import { AppError } from '@prodigon/contracts';
import type { CacheControl, CallContext, Principal } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Lifecycle } from '../lifecycle/graceful-shutdown.ts';
import { type CallScope, responseScope } from './call-scope.ts';
import { decodePrincipal, INTERNAL_HEADERS } from './internal-protocol.ts';

export interface CallContextOptions {
  readonly lifecycle: Lifecycle;
  /** Milliseconds that the whole call may take. */
  readonly timeoutMs: number;
  readonly principal: Principal;
  readonly attemptsMax?: number | undefined;
  readonly linkBase?: string | undefined;
  /** Receives the controller that aborts the call. Returns a function that runs when the call ends. */
  readonly onOpen?: ((call: AbortController) => () => void) | undefined;
  readonly cacheControl?: CacheControl | undefined;
}

/**
 * Creates the context of one HTTP call. Its signal aborts when the client disconnects, the deadline passes or the process
 * stops. Throws `SERVICE_UNAVAILABLE` while the process drains.
 */
export function createCallContext(request: FastifyRequest, scope: CallScope, options: CallContextOptions): CallContext {
  if (options.lifecycle.isDraining) {
    throw new AppError('SERVICE_UNAVAILABLE', 'The service is shutting down.', { retryAfterSeconds: 1 });
  }
  const controller = new AbortController();
  const release = options.lifecycle.track(controller);
  const onClosed = options.onOpen?.(controller);
  const timer = setTimeout(() => controller.abort(new AppError('DEADLINE_EXCEEDED')), options.timeoutMs);

  // The request's own `close` event fires as soon as its body has been read.
  scope.onEnd((isDisconnected) => {
    clearTimeout(timer);
    release();
    onClosed?.();
    if (isDisconnected) controller.abort(new AppError('CANCELLED'));
  });
  return {
    requestId: request.id,
    traceparent: request.traceparent,
    principal: options.principal,
    attemptsMax: options.attemptsMax,
    linkBase: options.linkBase,
    cacheControl: options.cacheControl,
    deadline: performance.now() + options.timeoutMs,
    signal: controller.signal,
  };
}

/**
 * Returns a function that creates contexts for calls from the other services. It trusts the principal and the time left
 * in their headers, because internal routes admit only services. `timeoutMs` caps the time left.
 */
export function createInternalContextFactory({ lifecycle, timeoutMs }: { lifecycle: Lifecycle; timeoutMs: number }) {
  return (request: FastifyRequest, reply: FastifyReply): CallContext => {
    if (lifecycle.isDraining) reply.header(INTERNAL_HEADERS.rejected, 'draining');
    const timeLeftMs = Number(request.headers[INTERNAL_HEADERS.timeLeft]);
    const attemptsMax = Number(request.headers[INTERNAL_HEADERS.attemptsMax]);
    const linkBase = request.headers[INTERNAL_HEADERS.linkBase];
    return createCallContext(request, responseScope(reply), {
      lifecycle,
      timeoutMs: timeLeftMs > 0 ? Math.min(timeLeftMs, timeoutMs) : timeoutMs,
      attemptsMax: attemptsMax > 0 ? attemptsMax : undefined,
      linkBase: typeof linkBase === 'string' ? linkBase : undefined,
      principal: decodePrincipal((name) => textHeader(request, name)),
    });
  };
}

function textHeader({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}
