import type { OutgoingHttpHeaders } from 'node:http';
import { createSseWriter, recordFailure } from '@prodigon/platform';
import type { FastifyReply } from 'fastify';

export interface RelayBytesOptions {
  /** How often a silent stream says that it lives, in milliseconds; 0 where that would be a part of the content. */
  heartbeatMs: number;
  headers: OutgoingHttpHeaders;
}

/**
 * Passes bytes on at the reader's pace. A source that fails cuts the connection instead of ending the answer,
 * so that what is there of a file is never taken for the whole.
 */
export async function relayBytes(
  bytes: AsyncIterable<Uint8Array>,
  reply: FastifyReply,
  { heartbeatMs, headers }: RelayBytesOptions,
): Promise<FastifyReply> {
  const writer = createSseWriter(reply, { heartbeatMs });
  writer.open(headers);
  try {
    for await (const part of bytes) await writer.write(part);
    writer.end();
  } catch (thrown) {
    recordFailure(reply.request, thrown);
    reply.raw.destroy(new Error('cut off'));
  }
  return reply;
}
