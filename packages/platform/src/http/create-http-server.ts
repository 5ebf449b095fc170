import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, Server, ServerOptions } from 'node:http';
import { AppError } from '@prodigon/contracts';
import Fastify, { type FastifyHttpOptions, type FastifyInstance, type FastifyPluginAsync, type FastifyReply } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type AuthenticationOptions, authentication } from './authentication.ts';
import { bodyTimeout } from './body-timeout.ts';
import { type CorsOptions, cors } from './cors.ts';
import { createDualProtocolServer } from './dual-protocol-server.ts';
import { defaultErrorResponse, type ErrorHandlingOptions, errorHandling, toAppError } from './error-handling.ts';
import { exceedsJsonDepth, JSON_DEPTH_MAX } from './json-depth-limit.ts';
import { rejectMalformedRequest } from './reject-malformed-request.ts';
import { requestLog } from './request-log.ts';
import { validationError } from './validation.ts';

export interface HttpServerOptions extends ErrorHandlingOptions {
  service: string;
  logger: Logger;
  metrics: Metrics;
  authentication: AuthenticationOptions;
  /** Only for servers that browsers reach. */
  cors?: CorsOptions;
  /** Addresses whose `X-Forwarded-For` is believed. */
  trustedProxies?: readonly string[];
  /** Speak HTTP/2 besides HTTP/1.1 on the same port. */
  http2?: boolean;
  plugins: readonly FastifyPluginAsync[];
  /** How long a body may take to arrive, in milliseconds. */
  bodyTimeoutMs?: number;
}

const BODY_BYTES_MAX = 4 << 20;
const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;

const CONNECTIONS = {
  /** Longer than a proxy keeps its own (60 s), or it would send a request into a closing connection. */
  keepAliveTimeout: 65_000,
  headersTimeout: 15_000,
  /** For the largest upload; other bodies have a deadline of their own. */
  requestTimeout: 3_600_000,
  /** Room for the options of an upload, which are in its URL. */
  maxHeaderSize: 65_536,
  /** Node would refuse who names none with an empty answer; we do it in our form. */
  requireHostHeader: false,
} satisfies ServerOptions;

/** Builds a server that is ready to `inject` or `listen`: the same manners for every service. */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const app = Fastify(fastifyOptions(options));
  ignoreExpectations(app.server);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  acceptOnlyJson(app);

  await app.register(requestLog, options);
  await app.register(errorHandling, options);
  app.addHook('onRequest', (request, _reply, done) => {
    const isMissing = request.raw.httpVersion === '1.1' && request.headers.host === undefined;
    done(isMissing ? new AppError('BAD_REQUEST', 'A request needs a Host header.') : undefined);
  });
  if (options.cors) await app.register(cors, options.cors);
  await app.register(authentication, options.authentication);
  await app.register(bodyTimeout, { withinMs: options.bodyTimeoutMs ?? 30_000 });
  for (const plugin of options.plugins) await app.register(plugin);
  await app.ready();
  return app;
}

function fastifyOptions({ toErrorResponse = defaultErrorResponse, ...options }: HttpServerOptions): FastifyHttpOptions<Server> {
  return {
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    trustProxy: options.trustedProxies?.length ? [...options.trustedProxies] : false,
    genReqId: ({ headers }) => requestIdOf(headers),
    // A stream can outlive any drain period, so closing the server must end it.
    forceCloseConnections: true,
    // What arrives in the last moment is refused as what arrives while the process drains, not in Fastify's words.
    return503OnClosing: false,
    keepAliveTimeout: CONNECTIONS.keepAliveTimeout,
    requestTimeout: CONNECTIONS.requestTimeout,
    http: CONNECTIONS,
    ...(options.http2 && { serverFactory: (handler) => createDualProtocolServer(handler, CONNECTIONS) }),
    // What is refused before there is a route has no hooks: it says here who it was, and in whose form.
    frameworkErrors: (error, request, reply: FastifyReply) => {
      const { status, body } = toErrorResponse(toAppError(error), request);
      reply.code(status).header('x-request-id', request.id).send(body);
    },
    clientErrorHandler: rejectMalformedRequest,
  };
}

function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/** An expectation that nobody knows may be ignored; Node would refuse it with an empty answer. */
function ignoreExpectations(server: Server): void {
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}

/** A form or a plain text body could come from a foreign page without asking; JSON could not. */
function acceptOnlyJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = body as Buffer;
    if (!isUtf8(bytes)) return done(new AppError('INVALID_JSON', 'The body is not valid UTF-8.'));
    if (exceedsJsonDepth(bytes)) {
      return done(validationError([{ path: '', message: `Must not be nested deeper than ${JSON_DEPTH_MAX} levels` }]));
    }
    parse(request, bytes.toString('utf8'), done);
  });
}
