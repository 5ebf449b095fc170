import { AppError } from '@prodigon/contracts';
import type { CallContext, Principal } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Lifecycle } from '../lifecycle/graceful-shutdown.ts';
import { onResponseClosed } from './request-log.ts';

export interface CallContextOptions {
  lifecycle: Lifecycle;
  /** How long the whole call may take, in milliseconds. */
  timeoutMs: number;
  principal: Principal;
  attemptsMax?: number | undefined;
}

/**
 * The context of one HTTP call. Its signal aborts when the caller leaves, the deadline passes or the
 * process has to stop. Throws `SERVICE_UNAVAILABLE` while the process drains.
 */
export function createCallContext(request: FastifyRequest, reply: FastifyReply, options: CallContextOptions): CallContext {
  if (options.lifecycle.isDraining) {
    throw new AppError('SERVICE_UNAVAILABLE', 'The service is shutting down.', { retryAfterSeconds: 1 });
  }
  const controller = new AbortController();
  const release = options.lifecycle.track(controller);
  const timer = setTimeout(() => controller.abort(new AppError('DEADLINE_EXCEEDED')), options.timeoutMs);

  // `close` of the response, not of the request: that one fires as soon as the body has been read.
  onResponseClosed(reply, () => {
    clearTimeout(timer);
    release();
    if (!reply.raw.writableEnded) controller.abort(new AppError('CANCELLED'));
  });
  return {
    requestId: request.id,
    traceparent: request.traceparent,
    principal: options.principal,
    attemptsMax: options.attemptsMax,
    deadline: performance.now() + options.timeoutMs,
    signal: controller.signal,
  };
}
