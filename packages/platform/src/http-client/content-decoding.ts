import { Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from 'node:zlib';
import type { IncomingResponse } from './connection-pool.ts';

interface Encoding {
  readonly create: (first: Buffer) => Transform;
  /** Whether a body starts as one of this encoding. Some servers label bodies that they did not encode. */
  readonly matches: (first: Buffer) => boolean;
}

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const ZLIB_METHOD = 0x08;
const BRACE = 0x7b;

const isZlib = (first: Buffer) => ((first[0] ?? 0) & 0x0f) === ZLIB_METHOD && first.length > 1 && first.readUInt16BE() % 31 === 0;
const startsWith = (magic: Buffer) => (first: Buffer) => first.subarray(0, magic.length).equals(magic);

const GZIP: Encoding = { create: () => createGunzip(), matches: startsWith(GZIP_MAGIC) };
/** Source: https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1 */
const ENCODINGS: Readonly<Record<string, Encoding>> = {
  gzip: GZIP,
  'x-gzip': GZIP,
  // Some servers send the bare format without the header of zlib.
  deflate: {
    create: (first) => (isZlib(first) ? createInflate() : createInflateRaw()),
    matches: (first) => first[0] !== BRACE,
  },
  br: { create: () => createBrotliDecompress(), matches: (first) => first[0] !== BRACE },
  zstd: { create: () => createZstdDecompress(), matches: startsWith(ZSTD_MAGIC) },
};

/** The most bytes of magic that an encoding starts with. */
const FIRST_BYTES_MIN = 4;

/**
 * Returns a response whose body is decoded by its `Content-Encoding`, or the response itself when it has none. Throws
 * for an unknown encoding. Decoding ends with an error when the body is truncated.
 */
export function decodeContent(response: IncomingResponse): IncomingResponse {
  const names = String(response.headers['content-encoding'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
  if (names.length === 0) return response;
  const encodings = names.map((name) => {
    const encoding = Object.hasOwn(ENCODINGS, name) ? ENCODINGS[name] : undefined;
    if (!encoding) throw new Error('The response has an unknown content encoding');
    return encoding;
  });
  const chunks = decode(response, encodings.reverse());

  const decoded: IncomingResponse = {
    get status() {
      return response.status;
    },
    get headers() {
      return response.headers;
    },
    get trailers() {
      return response.trailers;
    },
    closed: response.closed,
    async read() {
      const { done, value } = await chunks.next();
      return done ? null : value;
    },
    async readAll(bytesMax, tooLarge) {
      const parts: Buffer[] = [];
      let length = 0;
      for await (const part of chunks) {
        length += part.length;
        if (length > bytesMax) {
          const error = tooLarge();
          response.cancel(error);
          throw error;
        }
        parts.push(part);
      }
      return Buffer.concat(parts);
    },
    [Symbol.asyncIterator]: () => chunks,
    startCoalescing: response.startCoalescing,
    cancel(reason) {
      response.cancel(reason);
      void chunks.return(undefined);
    },
    finish: response.finish,
  };
  return decoded;
}

async function* decode(response: IncomingResponse, encodings: readonly Encoding[]): AsyncGenerator<Buffer, undefined> {
  let first = await response.read();
  while (first !== null && first.length < FIRST_BYTES_MIN) {
    const more = await response.read();
    if (more === null) break;
    first = Buffer.concat([first, more]);
  }
  if (first === null) return;
  const [outer] = encodings;
  if (!outer?.matches(first)) {
    yield first;
    yield* response;
    return;
  }
  const source = Readable.from(withFirst(first, response), { objectMode: false });
  const last = encodings.reduce<Readable>((from, { create }, position) => {
    const decoder = create(position === 0 ? (first as Buffer) : Buffer.alloc(0));
    from.on('error', (error) => decoder.destroy(error));
    return from.pipe(decoder);
  }, source);
  try {
    for await (const chunk of last) yield chunk as Buffer;
  } finally {
    source.destroy();
    last.destroy();
  }
}

async function* withFirst(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}
