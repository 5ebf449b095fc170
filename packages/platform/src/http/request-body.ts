import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { AppError } from '@prodigon/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { nextTurn } from '../event-loop-turns.ts';
import { discardBody } from './body-framing.ts';
import { type ByteBudget, type ByteShare, UNCOUNTED_BYTES } from './byte-budget.ts';
import { unsupportedTypeError } from './error-handling.ts';
import { INTERNAL_FACTOR, LARGE_BODY_BYTES, MANY_KEYS } from './json-body.ts';
import { createJsonScanner, type JsonStructure } from './json-limits.ts';
import { parseJsonInTurns } from './parse-json-in-turns.ts';
import { decodeBody, tooLargeError } from './request-decoding.ts';
import { unsafeKeyError } from './unsafe-keys.ts';

export interface RequestBodyOptions {
  /** The bytes of all bodies in flight, from their arrival until their responses end. */
  readonly inFlight: ByteBudget;
}

/** What a chunk costs besides its bytes: a client may send them one by one. */
const CHUNK_OVERHEAD_BYTES = 256;
/**
 * Accepts JSON bodies only. Browsers send forms and plain text across origins without a preflight, but not JSON. Counts
 * keys and values while a body arrives, decoded, and rejects what would block the event loop before it is parsed. An empty
 * body of any type is no body, because many clients send a type with each request.
 */
export function acceptOnlyJson(app: FastifyInstance, { inFlight }: RequestBodyOptions): void {
  const parseAnyJson = app.getDefaultJsonParser('ignore', 'ignore');
  app.removeAllContentTypeParsers();

  app.addContentTypeParser('application/json', (request, payload, done) => {
    const { bodyLimit, config } = request.routeOptions;
    const structure: JsonStructure = { keys: 0, longStrings: [] };
    const scan = createJsonScanner(config.access === 'internal' ? INTERNAL_FACTOR : 1, structure);
    let share: ByteShare | undefined;
    let received = 0;

    const announced = request.headers['content-length'];
    if (Number(announced) > bodyLimit) return done(tooLargeError(bodyLimit));
    const decoded = decodeBody(payload, request.headers, bodyLimit);
    const source = decoded ? Readable.from(decoded) : payload;
    readChunks(
      source,
      (chunk) => {
        received += chunk.length;
        if (received > bodyLimit) return tooLargeError(bodyLimit);
        if (received > UNCOUNTED_BYTES) {
          if (!share) {
            share = inFlight.open();
            request.closers.push(share.close);
          }
          const excess = share.add(chunk.length + CHUNK_OVERHEAD_BYTES);
          if (excess) return excess;
        }
        return scan(chunk);
      },
      (error, bytes) => {
        if (decoded) {
          source.destroy();
          discardBody(payload);
        }
        if (error) return done(error);
        // A cancelled HTTP/2 request ends as if it were complete. A decoder rejects an incomplete body itself.
        const isCut = !decoded && announced !== undefined && Number(announced) !== received;
        if (isCut) return done(new AppError('BAD_REQUEST'));
        if (received === 0) return done(null, undefined);
        if (bytes.length <= LARGE_BODY_BYTES && structure.keys <= MANY_KEYS) return parse(request, bytes, done);
        parseInTurns(request, bytes, structure).then((body) => done(null, body), done);
      },
    );
  });

  // Handles every type that has no parser.
  app.addContentTypeParser('*', (request, payload, done) => {
    if (Number(request.headers['content-length']) > 0) return done(unsupportedTypeError(request));
    readChunks(
      payload,
      () => unsupportedTypeError(request),
      (error) => done(error ?? null),
    );
  });

  function parseJson(request: FastifyRequest, text: string, done: (error: Error | null, value?: unknown) => void): void {
    parseAnyJson(request, text, (error, value) => {
      const failure = error ?? unsafeKeyError(text, value);
      if (failure) done(failure);
      else done(null, value);
    });
  }

  function parse(request: FastifyRequest, bytes: Buffer, done: (error: Error | null, body?: unknown) => void): void {
    if (isUtf8(bytes)) parseJson(request, bytes.toString('utf8'), done);
    else done(new AppError('INVALID_JSON', 'The body is not valid UTF-8.'));
  }

  async function parseInTurns(request: FastifyRequest, bytes: Buffer, { longStrings }: JsonStructure): Promise<unknown> {
    await nextTurn();
    if (!isUtf8(bytes)) throw new AppError('INVALID_JSON', 'The body is not valid UTF-8.');
    const parseText = (text: string) =>
      new Promise<unknown>((resolve, reject) =>
        parseJson(request, text, (error, value) => (error ? reject(error) : resolve(value))),
      );
    return parseJsonInTurns(bytes, longStrings, parseText);
  }
}

/** Reads a body until its end or until `check` returns an error, and discards its rest then. */
function readChunks(
  payload: Readable,
  check: (chunk: Buffer) => AppError | undefined,
  callback: (error: AppError | undefined, bytes: Buffer) => void,
): void {
  let chunks: Buffer[] = [];
  const ignore = () => {};
  const onData = (chunk: Buffer) => {
    const error = check(chunk);
    if (error) finish(error);
    else chunks.push(chunk);
  };
  const onEnd = () => finish();
  const onError = (cause: Error) => finish(cause instanceof AppError ? cause : new AppError('CANCELLED', undefined, { cause }));
  payload.on('data', onData).on('end', onEnd).on('error', onError);

  function finish(error?: AppError): void {
    payload.off('data', onData).off('end', onEnd).off('error', onError).on('error', ignore);
    const [first = Buffer.alloc(0), ...rest] = error ? [] : chunks;
    const bytes = rest.length === 0 ? first : Buffer.concat(chunks);
    chunks = [];
    // The client may still be sending, and reads the response only after that. The body timeout ends it.
    payload.resume();
    callback(error, bytes);
  }
}
