import type { CallContext } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Lifecycle } from '../lifecycle/graceful-shutdown.ts';
import { createCallContext } from './call-context.ts';
import { INTERNAL_HEADERS } from './internal-protocol.ts';

/**
 * Contexts for calls of our own services: principal and time left are theirs to say, since the route
 * lets nobody else in. A deadline beyond `timeoutMs` is cut to it.
 */
export function createInternalContextFactory({ lifecycle, timeoutMs }: { lifecycle: Lifecycle; timeoutMs: number }) {
  return (request: FastifyRequest, reply: FastifyReply): CallContext => {
    if (lifecycle.isDraining) reply.header(INTERNAL_HEADERS.rejected, 'draining');
    const timeLeftMs = Number(request.headers[INTERNAL_HEADERS.timeLeft]);
    const principal = request.headers[INTERNAL_HEADERS.principal];
    const attemptsMax = Number(request.headers[INTERNAL_HEADERS.attemptsMax]);
    return createCallContext(request, reply, {
      lifecycle,
      timeoutMs: timeLeftMs > 0 ? Math.min(timeLeftMs, timeoutMs) : timeoutMs,
      attemptsMax: attemptsMax > 0 ? attemptsMax : undefined,
      principal: { id: typeof principal === 'string' ? principal : 'local' },
    });
  };
}
