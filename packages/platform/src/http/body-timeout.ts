import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';

export interface BodyTimeoutOptions {
  withinMs: number;
}

interface Arrival {
  /** On the clock of `performance.now()`. */
  dueAt: number;
  bytesSeen: number;
}

/**
 * Cuts off who lets a body drip in: it has to be whole within the limit, give or take an eighth of it. The file of an
 * upload may take longer, as long as something of it arrives within each such span.
 */
export const bodyTimeout = fp<BodyTimeoutOptions>(async (app, { withinMs }) => {
  // One timer looks after all of them: nearly every body is there with its headers.
  const arriving = new Map<FastifyRequest, Arrival>();
  const timer = setInterval(() => cutOffLate(performance.now()), withinMs / 8).unref();
  app.addHook('onClose', async () => clearInterval(timer));

  app.addHook('onRequest', (request, _reply, done) => {
    const { raw } = request;
    const { 'content-length': length, 'transfer-encoding': encoding } = raw.headers;
    const hasBody = encoding !== undefined || (length !== undefined && length !== '0');
    if (hasBody && raw.httpVersionMajor === 1) {
      arriving.set(request, { dueAt: performance.now() + withinMs, bytesSeen: raw.socket.bytesRead });
    }
    done();
  });

  app.addHook('preValidation', (request, _reply, done) => {
    if (request.raw.complete) arriving.delete(request);
    done();
  });

  function cutOffLate(now: number): void {
    for (const [request, arrival] of arriving) {
      const { raw, isClosed } = request;
      if (raw.complete || raw.destroyed || isClosed) arriving.delete(request);
      else if (now >= arrival.dueAt) {
        const isArriving = request.routeOptions.config.isUpload === true && raw.socket.bytesRead !== arrival.bytesSeen;
        arrival.dueAt = now + withinMs;
        arrival.bytesSeen = raw.socket.bytesRead;
        if (!isArriving) raw.destroy();
      }
    }
  }
});
