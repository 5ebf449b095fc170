import { createHash, randomUUID } from 'node:crypto';
import { AppError, JOB_LIMITS } from '@prodigon/contracts';
import type { IdempotencyClaim, IdempotencyStore, IdempotentResponse } from '@prodigon/ports';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify';
import fp from 'fastify-plugin';
import { z } from 'zod';
import { logFailure } from '../telemetry/failure-log.ts';
import type { Logger } from '../telemetry/logger.ts';
import { parseInput } from './error-handling.ts';
import { singleHeader } from './single-header.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Whether requests with an `Idempotency-Key` have one effect. The handler must return the body of its response, or throw.
     */
    isIdempotent?: boolean;
    /** Returns the conversation of an idempotent response, which is deleted with it. */
    conversationOf?: (request: FastifyRequest, body: unknown) => string;
  }
}

/** The header of routes with `isIdempotent`, for their description. */
export const idempotencyHeaders = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(JOB_LIMITS.idempotencyKeyCharactersMax)
    .optional()
    .describe('Requests that repeat this key within 24 hours get the response of the first one, and have no further effect'),
});

export interface IdempotencyOptions {
  readonly store: IdempotencyStore;
  readonly logger: Logger;
  /** Time after which the key of a process that ended is free. A process in operation renews its leases. */
  readonly leaseMs?: number;
}

const LEASE_MS = 30_000;

/** Headers of the first response that a repetition gets, too. */
const REPLAYED_HEADERS = [
  'location',
  'x-prodigon-provider',
  'x-prodigon-model',
  'x-prodigon-attempts',
  'x-prodigon-cache',
  'x-prodigon-warning',
];

/**
 * Adds idempotency keys to the routes with `isIdempotent`. Register it before them. A successful response is stored and
 * replayed; a request that fails frees its key. A request without the header costs one lookup.
 */
export const idempotency = ({ leaseMs = LEASE_MS, ...options }: IdempotencyOptions): FastifyPluginAsync =>
  fp(async (app) => {
    app.addHook('onRoute', (route) => {
      if (!route.config?.isIdempotent) return;
      const { handler, url, method } = route;
      const name = `${[method].flat().join()} ${url}`;
      route.handler = function handle(request, reply) {
        if (request.headers['idempotency-key'] === undefined) return handler.call(this, request, reply);
        const call = async () => handler.call(this, request, reply);
        return handleOnce({ ...options, leaseMs, route: name, call }, request, reply);
      } as RouteHandlerMethod;
    });
  });

interface OneCall extends Required<IdempotencyOptions> {
  readonly route: string;
  readonly call: () => Promise<unknown>;
}

async function handleOnce({ store, logger, leaseMs, route, call }: OneCall, request: FastifyRequest, reply: FastifyReply) {
  const claim = createClaim(request, route, leaseMs);
  const earlier = await store.claim(claim);
  if (earlier) return send(reply.header('idempotent-replayed', 'true'), earlier);

  const warn = (thrown: unknown) => {
    const failure = AppError.from(thrown);
    logFailure(logger, {
      level: 'warn',
      failure,
      fields: { request_id: request.id },
      message: 'An idempotency key was not updated',
    });
  };
  const renewal = setInterval(() => void store.renew(claim).catch(warn), leaseMs / 3);
  renewal.unref();
  try {
    const body = await call();
    if (body === reply) throw new Error(`${route} must return the body of its response.`);
    const conversationId = request.routeOptions.config.conversationOf?.(request, body);
    const stored = { status: reply.statusCode, headers: replayedHeaders(reply), body: String(reply.serialize(body)) };
    const response = { ...stored, ...(conversationId !== undefined && { conversationId }) };
    // The effect has happened, so the client gets its response even if it cannot be repeated.
    await store.complete(claim, response).catch(warn);
    return send(reply, response);
  } catch (thrown) {
    await store.release(claim).catch(warn);
    throw thrown;
  } finally {
    clearInterval(renewal);
  }
}

function createClaim(request: FastifyRequest, route: string, leaseMs: number): IdempotencyClaim {
  const { principal, params, query, body } = request;
  if (!principal) throw new AppError('UNAUTHENTICATED');
  const header = { 'idempotency-key': singleHeader(request.raw, 'idempotency-key') };
  const { 'idempotency-key': key = '' } = parseInput(idempotencyHeaders, header);
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([params, query, body]))
    .digest();
  return { id: randomUUID(), ownerId: principal.id, route, key, fingerprint, leaseMs };
}

function replayedHeaders(reply: FastifyReply): Record<string, string> {
  const present = REPLAYED_HEADERS.filter((name) => reply.hasHeader(name));
  return Object.fromEntries(present.map((name) => [name, String(reply.getHeader(name))]));
}

const send = (reply: FastifyReply, { status, headers, body }: IdempotentResponse) =>
  reply.code(status).headers(headers).type('application/json; charset=utf-8').send(body);
