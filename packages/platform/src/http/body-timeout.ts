import { AppError } from '@prodigon/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { announcesBody } from './body-framing.ts';

export interface BodyTimeoutOptions {
  readonly timeoutMs: number;
}

interface BodyProgress {
  readonly reply: FastifyReply;
  /** On the clock of `performance.now()`. */
  dueAt: number;
  bytesSeen: number;
  /** Whether the response ended before the body. */
  isRejected: boolean;
}

/** A body of 28 MB, such as an image of 20 MB as Base64, may take ten timeouts. */
const BYTES_PER_TIMEOUT_MIN = 3_000_000;
/** The share of the timeout for the rest of a rejected body. Many clients read a response only after they have sent all of it. */
const REJECTED_SHARE = 1 / 4;

/**
 * Rejects the request of a client that sends its body too slowly with 408, then closes the connection. The body, or 3 MB of it, must arrive within each timeout,
 * with a tolerance of one eighth. For an upload, one byte is enough. A client whose request was rejected has a quarter of
 * the timeout to finish sending.
 */
export const bodyTimeout = fp<BodyTimeoutOptions>(async (app, { timeoutMs }) => {
  // One timer serves all requests, because nearly every body arrives together with its headers.
  const arriving = new Map<FastifyRequest, BodyProgress>();
  const timer = setInterval(() => closeOverdue(performance.now()), timeoutMs / 8).unref();
  app.addHook('onClose', async () => clearInterval(timer));

  app.addHook('onRequest', (request, reply, done) => {
    const { raw } = request;
    if (announcesBody(raw.headers) && raw.httpVersionMajor === 1) {
      arriving.set(request, { reply, dueAt: performance.now() + timeoutMs, bytesSeen: raw.socket.bytesRead, isRejected: false });
    }
    done();
  });

  app.addHook('preValidation', (request, _reply, done) => {
    if (request.raw.complete) arriving.delete(request);
    done();
  });

  function closeOverdue(now: number): void {
    for (const [request, progress] of arriving) {
      const { raw, isClosed } = request;
      if (raw.complete || raw.readableEnded || raw.socket.destroyed) {
        arriving.delete(request);
        continue;
      }
      if (isClosed && !progress.isRejected) {
        progress.isRejected = true;
        progress.dueAt = Math.min(progress.dueAt, now + timeoutMs * REJECTED_SHARE);
      }
      if (now < progress.dueAt) continue;
      const bytesMin = request.routeOptions.config.isUpload === true ? 1 : BYTES_PER_TIMEOUT_MIN;
      const isArriving = !progress.isRejected && raw.socket.bytesRead - progress.bytesSeen >= bytesMin;
      progress.dueAt = now + timeoutMs;
      progress.bytesSeen = raw.socket.bytesRead;
      if (isArriving) continue;
      // A proxy counts a connection that closes without a response as a failure of the whole process.
      if (!progress.isRejected && !progress.reply.sent) progress.reply.send(new AppError('REQUEST_TIMEOUT'));
      else raw.socket.destroy();
    }
  }
});
