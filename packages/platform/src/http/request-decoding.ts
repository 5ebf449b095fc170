import type { IncomingHttpHeaders } from 'node:http';
import { pipeline, type Readable, type Transform } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { AppError } from '@prodigon/contracts';
import { readRequestBody } from './body-framing.ts';

/** A larger window could cost 128 MB of memory per request. Source: https://www.rfc-editor.org/rfc/rfc9659 */
const ZSTD_WINDOW_LOG_MAX = 23;

/** `bytesWritten` counts the bytes that belong to the encoded body. Decoders ignore those after its end. */
type Decoder = Transform & { readonly bytesWritten: number };

const DECODERS: Readonly<Record<string, () => Decoder>> = {
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  deflate: () => createInflate(),
  br: () => createBrotliDecompress(),
  zstd: () => createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX } }),
};

/** The value of `Accept-Encoding` in a response to an unsupported encoding. */
export const ACCEPTED_ENCODINGS = 'gzip, deflate, br, zstd';

type BodyHeaders = Pick<IncomingHttpHeaders, 'content-encoding'>;

/** Returns whether `decodeBody` throws for these headers. */
export function hasUnsupportedEncoding(headers: BodyHeaders): boolean {
  const name = encodingOf(headers);
  return name !== undefined && !Object.hasOwn(DECODERS, name);
}

function encodingOf({ 'content-encoding': encoding }: BodyHeaders): string | undefined {
  if (encoding === undefined) return undefined;
  const name = encoding.trim().toLowerCase();
  return name === '' || name === 'identity' ? undefined : name;
}

/**
 * Returns the decoded bytes of a request body, or undefined when its headers name no encoding. Decodes only as fast as the
 * result is read. Throws `UNSUPPORTED_MEDIA_TYPE` for an unknown encoding, and for several ones, because they would multiply
 * the cost of one byte. The result throws `BAD_REQUEST` for bytes that do not match the encoding, `PAYLOAD_TOO_LARGE` for more
 * than `wireBytesMax` encoded bytes, and the errors of `readRequestBody`.
 */
export function decodeBody(
  body: Readable,
  headers: BodyHeaders,
  wireBytesMax: number,
): AsyncGenerator<Uint8Array, void> | undefined {
  const name = encodingOf(headers);
  if (name === undefined) return undefined;
  const createDecoder = Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined;
  if (createDecoder) return decode(body, { name, createDecoder, wireBytesMax });
  throw new AppError('UNSUPPORTED_MEDIA_TYPE', `Send the body without a Content-Encoding, or with one of ${ACCEPTED_ENCODINGS}.`);
}

interface Decoding {
  readonly name: string;
  readonly createDecoder: () => Decoder;
  readonly wireBytesMax: number;
}

async function* decode(body: Readable, { name, createDecoder, wireBytesMax }: Decoding): AsyncGenerator<Uint8Array, void> {
  let wireBytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of readRequestBody(body)) {
      wireBytes += chunk.length;
      // Bytes that decode to nothing do not count towards the limit of the decoded body.
      if (wireBytes > wireBytesMax) throw tooLargeError(wireBytesMax);
      yield chunk;
    }
  }
  // The decoder throws the errors of the pipeline.
  const decoder = createDecoder();
  pipeline(counted(), decoder, () => {});
  try {
    for await (const chunk of decoder) yield chunk;
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    // Decoders reject an empty body, which is no body.
    if (wireBytes > 0) throw new AppError('BAD_REQUEST', `The body is not valid ${name}.`, { cause });
  }
  if (decoder.bytesWritten < wireBytes)
    throw new AppError('BAD_REQUEST', `The body contains bytes after the end of its ${name} encoding.`);
}

export function tooLargeError(bytesMax: number): AppError {
  return new AppError('PAYLOAD_TOO_LARGE', `The body is larger than ${bytesMax.toLocaleString('en')} bytes.`);
}
