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
const MAGICS = [GZIP_MAGIC, ZSTD_MAGIC];
const ZLIB_METHOD = 0x08;
const BRACE = 0x7b;

const isZlib = (first: Buffer) => ((first[0] ?? 0) & 0x0f) === ZLIB_METHOD && first.length > 1 && first.readUInt16BE() % 31 === 0;
const startsWith = (magic: Buffer) => (first: Buffer) => first.subarray(0, magic.length).equals(magic);

const GZIP: Encoding = { create: () => createGunzip(), matches: startsWith(GZIP_MAGIC) };
const ZSTD: Encoding = { create: () => createZstdDecompress(), matches: startsWith(ZSTD_MAGIC) };
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
  zstd: ZSTD,
};

/** The most bytes of magic that an encoding starts with. */
const FIRST_BYTES_MIN = 4;

/**
 * Returns a response whose body is decoded by its `Content-Encoding`. Recognizes gzip and zstd also without that header,
 * which some servers and proxies lose. Throws for an unknown encoding. Decoding ends with an error when the body is truncated.
 */
export function decodeContent(response: IncomingResponse): IncomingResponse {
  const encodings = String(response.headers['content-encoding'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity')
    .map((name) => {
      const encoding = Object.hasOwn(ENCODINGS, name) ? ENCODINGS[name] : undefined;
      if (!encoding) throw new Error('The response has an unknown content encoding');
      return encoding;
    });
  const body = encodings.length > 0 ? labelledBody(response, encodings.reverse()) : unlabelledBody(response);
  const { read } = body;

  return {
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
    read,
    async readAll(bytesMax, tooLarge) {
      const parts: Buffer[] = [];
      let length = 0;
      for (let part = await read(); part !== null; part = await read()) {
        length += part.length;
        if (length > bytesMax) {
          const error = tooLarge();
          response.cancel(error);
          throw error;
        }
        parts.push(part);
      }
      return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    },
    async *[Symbol.asyncIterator]() {
      try {
        for (let part = await read(); part !== null; part = await read()) yield part;
      } finally {
        response.cancel();
        body.end();
      }
    },
    startCoalescing: response.startCoalescing,
    cancel(reason) {
      response.cancel(reason);
      body.end();
    },
    finish: response.finish,
  };
}

interface Body {
  read(): Promise<Buffer | null>;
  /** Frees the decoders. */
  end(): void;
}

function labelledBody(response: IncomingResponse, encodings: readonly Encoding[]): Body {
  return toBody(
    (async function* () {
      const first = await readFirst(response, (bytes) => bytes.length < FIRST_BYTES_MIN);
      if (first === null) return;
      if (encodings[0]?.matches(first)) yield* decode(first, response, encodings);
      else yield* withFirst(first, response);
    })(),
  );
}

/** Most bodies are neither labelled nor encoded. Only their first read costs more. */
function unlabelledBody(response: IncomingResponse): Body {
  let body: Body | undefined;

  async function start(): Promise<Buffer | null> {
    const first = await readFirst(response, isStartOfMagic);
    const encoding = first && [GZIP, ZSTD].find(({ matches }) => matches(first));
    body = encoding ? toBody(decode(first, response, [encoding])) : { read: response.read, end: () => {} };
    return encoding ? body.read() : first;
  }

  return { read: () => (body ? body.read() : start()), end: () => body?.end() };
}

function isStartOfMagic(bytes: Buffer): boolean {
  return MAGICS.some((magic) => bytes.length < magic.length && magic.subarray(0, bytes.length).equals(bytes));
}

function toBody(chunks: AsyncGenerator<Buffer, void>): Body {
  return {
    async read() {
      const { done, value } = await chunks.next();
      return done ? null : value;
    },
    end: () => void chunks.return(undefined),
  };
}

/** Returns the first bytes, as many as it takes to recognize the encoding, or null for an empty body. */
async function readFirst(response: IncomingResponse, isTooShort: (bytes: Buffer) => boolean): Promise<Buffer | null> {
  let first = await response.read();
  while (first !== null && isTooShort(first)) {
    const more = await response.read();
    if (more === null) break;
    first = Buffer.concat([first, more]);
  }
  return first;
}

async function* decode(first: Buffer, rest: IncomingResponse, encodings: readonly Encoding[]): AsyncGenerator<Buffer, void> {
  const source = Readable.from(withFirst(first, rest), { objectMode: false });
  const last = encodings.reduce<Readable>((from, { create }, position) => {
    const decoder = create(position === 0 ? first : Buffer.alloc(0));
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
