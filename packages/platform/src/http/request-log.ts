import { AppError } from '@prodigon/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { describeCause } from '../telemetry/describe-cause.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { continueTrace } from '../telemetry/trace-context.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** `performance.now()` at arrival. */
    arrivedAt: number;
    traceparent: string;
    /** What the line of this request says besides the usual. Never a prompt or an answer. */
    record: Record<string, unknown>;
    /** Why it failed; set by who answers with an error. */
    failure: AppError | undefined;
    /** Whether its response is closed, complete or not. */
    isClosed: boolean;
    /** What to do then. */
    closers: (() => void)[];
  }
}

/** Beyond these, nobody needs a line for each probe. */
const QUIET_ROUTES = new Set(['/health', '/livez', '/readyz', '/metrics']);

/** Ids, trace, one line of log and one count for every request, however it ended. */
export const requestLog = fp<{ service: string; logger: Logger; metrics: Metrics }>(async (app, { service, logger, metrics }) => {
  app.decorateRequest('arrivedAt', 0);
  app.decorateRequest('traceparent', '');
  app.decorateRequest('failure', undefined);
  app.decorateRequest('isClosed', false);
  // An object of its own for each request is set below; a decorator with a shared one would leak between them.
  app.decorateRequest('record', null as unknown as Record<string, unknown>);
  app.decorateRequest('closers', null as unknown as (() => void)[]);

  app.addHook('onRequest', (request, reply, done) => {
    request.arrivedAt = performance.now();
    request.traceparent = continueTrace(request.headers.traceparent);
    request.record = {};
    request.closers = [];
    reply.header('x-request-id', request.id);
    reply.raw.once('close', () => {
      request.isClosed = true;
      finish(request, reply);
      for (const close of request.closers) close();
    });
    done();
  });

  app.addHook('onSend', (request, reply, payload, done) => {
    reply.header('x-process-time', processTime(request));
    done(null, payload);
  });

  function finish(request: FastifyRequest, reply: FastifyReply): void {
    const route = request.routeOptions.url ?? 'none';
    const status = reply.raw.writableEnded ? reply.raw.statusCode : 499;
    const durationMs = performance.now() - request.arrivedAt;
    metrics.requests.inc({ service, route, method: request.method, status });
    metrics.requestDuration.observe({ service, route, method: request.method }, durationMs / 1_000);

    const { failure } = request;
    const level = failure && failure.status >= 500 ? 'error' : QUIET_ROUTES.has(route) ? 'debug' : 'info';
    logger[level](
      {
        request_id: request.id,
        trace_id: request.traceparent.slice(3, 35),
        method: request.method,
        route,
        status,
        duration_ms: Math.round(durationMs * 100) / 100,
        ...request.record,
        ...(failure && { code: failure.code, reason: failure.message, ...describeCause(failure) }),
      },
      `${request.method} ${route} ${status}`,
    );
  }
});

/** Calls back when the response is closed: at once if it is already, since its event does not come again. */
export function onResponseClosed({ request }: FastifyReply, callback: () => void): void {
  if (request.isClosed) callback();
  else request.closers.push(callback);
}

/** `12.34ms`, the value of `X-Process-Time`. */
export function processTime(request: FastifyRequest): string {
  return `${(performance.now() - request.arrivedAt).toFixed(2)}ms`;
}

/** Notes why a request failed, for its line of log. */
export function recordFailure(request: FastifyRequest, thrown: unknown): AppError {
  const failure = AppError.from(thrown);
  request.failure = failure;
  return failure;
}
