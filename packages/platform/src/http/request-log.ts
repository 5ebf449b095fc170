import { randomFillSync } from 'node:crypto';
import { AppError } from '@prodigon/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { type AccessLogOptions, createAccessLog } from '../telemetry/access-log.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Arrival time in milliseconds, on the clock of `performance.now()`. */
    arrivedAt: number;
    traceparent: string;
    /** Additional fields of this request's log line. Never a prompt or a response text. */
    record: Record<string, unknown>;
    /** The error that the request failed with. */
    failure: AppError | undefined;
    /** Whether the response is closed, complete or not. */
    isClosed: boolean;
    /** Callbacks for the close of the response. */
    closers: (() => void)[];
  }
}

export interface RequestLogOptions extends AccessLogOptions {
  /** Set for servers that clients reach. Their log lines contain the address of the client. */
  readonly trustedProxies?: readonly string[];
}

/** Assigns an id and a trace to every request. Logs and counts each request once, when its response closes. */
export const requestLog = fp<RequestLogOptions>(async (app, { trustedProxies, ...options }) => {
  const log = createAccessLog(options);
  app.decorateRequest('arrivedAt', 0);
  app.decorateRequest('traceparent', '');
  app.decorateRequest('failure', undefined);
  app.decorateRequest('isClosed', false);
  // The hook below creates one object for each request. A decorated object would be shared by all of them.
  app.decorateRequest('record', null as unknown as Record<string, unknown>);
  app.decorateRequest('closers', null as unknown as (() => void)[]);

  app.addHook('onRequest', (request, reply, done) => {
    request.arrivedAt = performance.now();
    request.traceparent = continueTrace(request.headers.traceparent);
    // A closed socket has no address.
    request.record = trustedProxies ? { client_address: request.ip } : {};
    request.closers = [];
    reply.header('x-request-id', request.id);
    reply.raw.once('close', () => {
      request.isClosed = true;
      logRequest(request, reply);
      for (const close of request.closers) close();
    });
    done();
  });

  app.addHook('onSend', (request, reply, payload, done) => {
    reply.header('x-process-time', processTime(request));
    done(null, payload);
  });

  function logRequest(request: FastifyRequest, reply: FastifyReply): void {
    const { id: requestId, traceparent, method, arrivedAt, record, failure } = request;
    const route = request.routeOptions.url ?? 'none';
    const status = reply.raw.writableEnded ? reply.raw.statusCode : 499;
    log({ requestId, traceparent, method, route, status, arrivedAt, record, failure });
  }
});

/** Calls back when the response closes, or immediately when it is closed already. */
export function onResponseClosed({ request }: FastifyReply, callback: () => void): void {
  if (request.isClosed) callback();
  else request.closers.push(callback);
}

/** Returns the value of `X-Process-Time`, e.g. `12.34ms`. */
export function processTime(request: FastifyRequest): string {
  return `${(performance.now() - request.arrivedAt).toFixed(2)}ms`;
}

/** Stores the error of a request for its log line. Returns it as an `AppError`. */
export function recordFailure(request: FastifyRequest, thrown: unknown): AppError {
  const failure = AppError.from(thrown);
  request.failure = failure;
  return failure;
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/**
 * Returns the `traceparent` of this hop (https://www.w3.org/TR/trace-context/): the incoming trace with a new span, or a
 * new trace when the incoming header is missing or invalid.
 */
export function continueTrace(incoming: string | string[] | undefined): string {
  const [, traceId, parentId, flags] = (typeof incoming === 'string' && TRACEPARENT.exec(incoming)) || [];
  const isValid = traceId && !/^0+$/.test(traceId) && parentId && !/^0+$/.test(parentId);
  return isValid ? `00-${traceId}-${randomHex(8)}-${flags}` : `00-${randomHex(16)}-${randomHex(8)}-01`;
}

/** Random bytes in blocks, because one system call for each id took 6 to 9 % of the gateway's time in a profile. */
const randomPool = Buffer.alloc(4_096);
let poolOffset = randomPool.length;

function randomHex(bytes: number): string {
  if (poolOffset + bytes > randomPool.length) {
    randomFillSync(randomPool);
    poolOffset = 0;
  }
  poolOffset += bytes;
  return randomPool.toString('hex', poolOffset - bytes, poolOffset);
}
