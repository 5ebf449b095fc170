import { isUtf8 } from 'node:buffer';
import { AppError } from '@prodigon/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { validationError } from './error-handling.ts';

/** Deeper than any real request, and about half of the depth that the recursive `JSON.stringify` supports. */
export const JSON_DEPTH_MAX = 2_000;

/** Accepts JSON bodies only. Browsers send forms and plain text across origins without a preflight, but not JSON. */
export function acceptOnlyJson(app: FastifyInstance): void {
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

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Returns whether arrays and objects of a JSON text are nested more than `JSON_DEPTH_MAX` levels deep. */
export function exceedsJsonDepth(json: Buffer): boolean {
  // Each level takes two bytes, so short texts need no scan.
  if (json.length < 2 * JSON_DEPTH_MAX) return false;
  let depth = 0;
  for (let index = 0; index < json.length; index++) {
    const byte = json[index];
    if (byte === QUOTE) {
      index = findStringEnd(json, index);
      if (index < 0) return false;
    } else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      depth += 1;
      if (depth > JSON_DEPTH_MAX) return true;
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) depth -= 1;
  }
  return false;
}

/** Returns the index of the quote that closes the string at `start`, or -1. */
function findStringEnd(json: Buffer, start: number): number {
  for (let end = json.indexOf(QUOTE, start + 1); end >= 0; end = json.indexOf(QUOTE, end + 1)) {
    let backslashes = 0;
    while (json[end - 1 - backslashes] === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return -1;
}

export interface BodyTimeoutOptions {
  readonly timeoutMs: number;
}

interface BodyProgress {
  /** On the clock of `performance.now()`. */
  dueAt: number;
  bytesSeen: number;
}

/**
 * Closes the connection of a client that sends its body too slowly. The whole body must arrive within the timeout, with
 * a tolerance of one eighth. An upload may take longer if some bytes arrive within each timeout.
 */
export const bodyTimeout = fp<BodyTimeoutOptions>(async (app, { timeoutMs }) => {
  // One timer serves all requests, because nearly every body arrives together with its headers.
  const arriving = new Map<FastifyRequest, BodyProgress>();
  const timer = setInterval(() => closeOverdue(performance.now()), timeoutMs / 8).unref();
  app.addHook('onClose', async () => clearInterval(timer));

  app.addHook('onRequest', (request, _reply, done) => {
    const { raw } = request;
    const { 'content-length': length, 'transfer-encoding': encoding } = raw.headers;
    const hasBody = encoding !== undefined || (length !== undefined && length !== '0');
    if (hasBody && raw.httpVersionMajor === 1) {
      arriving.set(request, { dueAt: performance.now() + timeoutMs, bytesSeen: raw.socket.bytesRead });
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
      if (raw.complete || raw.destroyed || isClosed) arriving.delete(request);
      else if (now >= progress.dueAt) {
        const isArriving = request.routeOptions.config.isUpload === true && raw.socket.bytesRead !== progress.bytesSeen;
        progress.dueAt = now + timeoutMs;
        progress.bytesSeen = raw.socket.bytesRead;
        if (!isArriving) raw.destroy();
      }
    }
  }
});
