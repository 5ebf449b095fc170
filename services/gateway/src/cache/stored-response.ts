import type { Usage } from '@prodigon/contracts';

/** A response as the cache stores it. */
export interface StoredResponse {
  readonly provider: string;
  /** Without parameters. */
  readonly model: string;
  /** The finish reason; empty for embeddings. */
  readonly finish: string;
  readonly usage: Usage;
  readonly estimated: boolean;
  /** For streams: the number of the last content frame. */
  readonly sequence: number;
  /** For streams: the id in the frames. */
  readonly generationId: string;
  /** The JSON of the response, or the frames of a stream. */
  readonly body: Buffer;
}

const NEWLINE = 0x0a;

/** Encodes a response as one line of JSON and the body. */
export function encodeStoredResponse({ body, ...header }: StoredResponse): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body]);
}

export function decodeStoredResponse(bytes: Uint8Array): StoredResponse {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = buffer.indexOf(NEWLINE);
  return { ...JSON.parse(buffer.toString('utf8', 0, end)), body: buffer.subarray(end + 1) };
}

/** Finish reasons of complete responses: not those of tool calls and content filters. */
const COMPLETE: ReadonlySet<string> = new Set(['stop', 'length']);
/**
 * Other finish reasons, and tool calls, in any choice of a response. JSON escapes the quotes in texts, so these never match
 * the text of a response.
 */
const NOT_STORABLE =
  /"finish_reason"\s*:\s*"(?!stop"|length")|"(?:tool_calls|function_call)"\s*:\s*(?:\[\s*)?\{|"type":"tool_call"|^event: tool_call$/m;

/** Returns whether the cache may store a completion: it is complete, and no client must act on it. */
export function isStorable(finish: string | null, body: Buffer): boolean {
  return finish !== null && COMPLETE.has(finish) && !NOT_STORABLE.test(body.toString('latin1'));
}
