import { encodeFrame, SUBMISSION_TYPE } from '@prodigon/platform';
import type { SeededRandom } from '@prodigon/testing';

export type RawHeader = readonly [name: string, value: string];

/** An HTTP/1.1 request, which may be malformed. The head is Latin-1. */
export interface RawRequest {
  method: string;
  target: string;
  headers: RawHeader[];
  body?: Buffer | undefined;
}

/** Serializes a request without validating it. */
export function toBytes({ method, target, headers, body }: RawRequest): Buffer {
  const lines = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body ?? Buffer.alloc(0)]);
}

/** Adds a body with Content-Length, or as chunks of random sizes. Submissions between services are framed. */
export function withBody(request: RawRequest, content: Buffer, mediaType: string, random: SeededRandom): RawRequest {
  const isFramed = mediaType === SUBMISSION_TYPE;
  const body = isFramed ? Buffer.concat([encodeFrame(content), encodeFrame(Buffer.alloc(0))]) : content;
  const headers: RawHeader[] = [...request.headers, ['content-type', mediaType]];
  if (!random.oneIn(5)) return { ...request, headers: [...headers, ['content-length', String(body.length)]], body };
  return { ...request, headers: [...headers, ['transfer-encoding', 'chunked']], body: chunked(body, random) };
}

function chunked(body: Buffer, random: SeededRandom): Buffer {
  const parts: Buffer[] = [];
  for (let from = 0; from < body.length; ) {
    const part = body.subarray(from, from + 1 + random.upTo(Math.ceil(body.length / 3)));
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
    from += part.length;
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

/** Formats a request as a string literal, so that it can be sent again. Truncates long requests. */
export function formatRequest(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  return JSON.stringify(text.length > 1_500 ? `${text.slice(0, 1_500)}… (${bytes.length} bytes)` : text);
}
