import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import { AppError } from '@prodigon/contracts';
import Fastify, { type FastifyHttpOptions, type FastifyInstance, type FastifyPluginAsync, type FastifyReply } from 'fastify';
import { serializerCompiler } from 'fastify-type-provider-zod';
import { isLoopback, requiresApiKey } from '../config/load-configuration.ts';
import type { Configuration } from '../config/settings.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type AuthenticationOptions, authentication, type ClientAuthentication } from './authentication.ts';
import { bodyTimeout } from './body-timeout.ts';
import { type ByteBudget, createBodyBudget } from './byte-budget.ts';
import { type CorsOptions, cors } from './cors.ts';
import { currentResponse } from './current-response.ts';
import { createDualProtocolServer } from './dual-protocol-server.ts';
import { defaultErrorResponse, type ErrorHandlingOptions, errorHandling, toAppError } from './error-handling.ts';
import { queryParameters } from './query-parameters.ts';
import { acceptOnlyJson } from './request-body.ts';
import { acceptRequestId } from './request-id.ts';
import { requestLog } from './request-log.ts';
import { SECURITY_HEADERS, securityHeaders } from './security-headers.ts';

export interface HttpServerOptions extends ErrorHandlingOptions {
  readonly service: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly authentication: AuthenticationOptions;
  /** Set for servers that browsers reach. */
  readonly cors?: CorsOptions;
  /** Addresses of proxies whose `X-Forwarded-For` is trusted. */
  readonly trustedProxies?: readonly string[];
  /** Whether to serve HTTP/2 besides HTTP/1.1 on the same port. */
  readonly http2?: boolean;
  readonly plugins: readonly FastifyPluginAsync[];
  /** Returns the URL that selects the route, for paths that clients write in several ways. */
  readonly rewriteUrl?: (request: IncomingMessage) => string;
  /** Milliseconds that a body may take to arrive. */
  readonly bodyTimeoutMs?: number;
  /** The bytes of all bodies in flight. Servers of one process share it. */
  readonly bodyBudget?: ByteBudget;
}

const BODY_BYTES_MAX = 4 << 20;
const BODY_BYTES_IN_FLIGHT_MAX = 256 << 20;

const CONNECTIONS = {
  /** Longer than proxies keep theirs (60 s), so that no proxy sends a request into a closing connection. */
  keepAliveTimeout: 65_000,
  headersTimeout: 15_000,
  /** Long enough for the largest upload. The body timeout limits all other bodies. */
  requestTimeout: 3_600_000,
  /** Leaves room for the options of an upload, which are in its URL. */
  maxHeaderSize: 65_536,
  /** Node would reject a request without Host with an empty body. The hook below sends an `AppError` instead. */
  requireHostHeader: false,
} satisfies ServerOptions;

/** Creates a server that is ready to `inject` or `listen`. Every service uses the same limits, logging and errors. */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const app = Fastify(fastifyOptions(options));
  ignoreExpectations(app.server);
  app.setSerializerCompiler(serializerCompiler);
  acceptOnlyJson(app, { inFlight: options.bodyBudget ?? createBodyBudget(BODY_BYTES_IN_FLIGHT_MAX) });

  await app.register(requestLog, options);
  await app.register(errorHandling, options);
  // Before the checks of the headers, so that it also covers the bodies of requests that they reject.
  await app.register(bodyTimeout, { timeoutMs: options.bodyTimeoutMs ?? 30_000 });
  await app.register(securityHeaders);
  app.addHook('onRequest', (request, _reply, done) => done(checkHostHeader(request.raw)));
  if (options.cors) await app.register(cors, options.cors);
  await app.register(authentication, options.authentication);
  await app.register(queryParameters);
  for (const plugin of options.plugins) await app.register(plugin);
  await app.ready();
  return app;
}

/** Returns the options of a server that browsers and API clients reach, by configuration. */
export function publicServerOptions(
  configuration: Configuration,
  { internalToken, ...clients }: { internalToken: string } & Pick<ClientAuthentication, 'keys' | 'wrongKeys'>,
): Pick<HttpServerOptions, 'authentication' | 'cors' | 'trustedProxies' | 'bodyBudget'> {
  const { HOST, ALLOWED_ORIGINS, ALLOW_LOCAL_ORIGINS, TRUSTED_PROXIES, BODIES_MB_MAX } = configuration;
  const isKeyRequired = requiresApiKey(configuration);
  return {
    authentication: { clients: { ...clients, isKeyRequired }, internalToken, openMetrics: isLoopback(HOST) },
    bodyBudget: createBodyBudget(BODIES_MB_MAX * 1_048_576),
    cors: {
      host: HOST,
      allowedOrigins: ALLOWED_ORIGINS,
      allowsLocalOrigins: ALLOW_LOCAL_ORIGINS,
      checksHost: !isKeyRequired,
    },
    trustedProxies: TRUSTED_PROXIES,
  };
}

function fastifyOptions({ toErrorResponse = defaultErrorResponse, ...options }: HttpServerOptions): FastifyHttpOptions<Server> {
  return {
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    ...(options.rewriteUrl && { rewriteUrl: options.rewriteUrl as NonNullable<FastifyHttpOptions<Server>['rewriteUrl']> }),
    trustProxy: options.trustedProxies?.length ? [...options.trustedProxies] : false,
    genReqId: ({ headers }) => acceptRequestId(headers['x-request-id']),
    // A stream can outlive the drain timeout, so closing the server must end it.
    forceCloseConnections: true,
    // Requests that arrive while the server closes get the same error as during the drain.
    return503OnClosing: false,
    keepAliveTimeout: CONNECTIONS.keepAliveTimeout,
    requestTimeout: CONNECTIONS.requestTimeout,
    http: CONNECTIONS,
    ...(options.http2 && { serverFactory: (handler) => createDualProtocolServer(handler, CONNECTIONS) }),
    // Requests that fail before routing run no hooks, so this handler sets the id and formats the error itself.
    frameworkErrors: (error, request, reply: FastifyReply) => {
      const { status, body } = toErrorResponse(toAppError(error), request);
      reply
        .code(status)
        .headers({ ...SECURITY_HEADERS, 'x-request-id': request.id, connection: 'close' })
        .send(body);
    },
    clientErrorHandler: rejectMalformedRequest,
  };
}

/** Rejects what proxies may interpret differently than Node, which uses the first Host header (RFC 9112, section 3.2). */
function checkHostHeader({ httpVersion, httpVersionMajor, headers, rawHeaders }: IncomingMessage): AppError | undefined {
  if (httpVersionMajor !== 1) return undefined;
  if (headers.host === undefined)
    return httpVersion === '1.1' ? new AppError('BAD_REQUEST', 'A request needs a Host header.') : undefined;
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    // The comparison of lengths skips nearly all headers.
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count > 1 ? new AppError('BAD_REQUEST', 'A request must have only one Host header.') : undefined;
}

/** Ignores unknown `Expect` headers, as HTTP allows. Node would reject them with an empty body. */
function ignoreExpectations(server: Server): void {
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}

/** Messages by the code of Node's error. */
const MALFORMED_REQUESTS: Readonly<Record<string, string>> = {
  HPE_INVALID_METHOD: 'The request has an unknown method.',
  HPE_HEADER_OVERFLOW: `The headers are larger than ${CONNECTIONS.maxHeaderSize.toLocaleString('en')} bytes.`,
  ERR_HTTP_REQUEST_TIMEOUT: 'The request took too long to arrive.',
};

/**
 * Responds with 400 to bytes that are not HTTP, and closes the connection. When a response has begun on the connection,
 * only closes it, because a second response would land inside the first.
 */
function rejectMalformedRequest(error: Error, socket: Socket): void {
  const response = currentResponse(socket);
  const isClosed = (error as NodeJS.ErrnoException).code === 'ECONNRESET' || !socket.writable;
  if (isClosed || response?.headersSent) return void socket.destroy();
  const requestId = randomUUID();
  const message = MALFORMED_REQUESTS[(error as NodeJS.ErrnoException).code ?? ''];
  const body = JSON.stringify(new AppError('BAD_REQUEST', message).toBody(requestId));
  const head = [
    'HTTP/1.1 400 Bad Request',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${body.length}`,
    `X-Request-ID: ${requestId}`,
    ...Object.entries(SECURITY_HEADERS).map(([name, value]) => `${name}: ${value}`),
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
